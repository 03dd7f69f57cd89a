#pragma once

#include <chrono>

// How a person or the system asks the process to stop: SIGINT and SIGTERM. The first one is a request, which is obeyed
// at the next safe point; the second ends the process at once.
namespace tfseal {

// From here on the first signal is only remembered.
void InstallStopHandlers();

// The signal that asked, or 0.
int StopSignal();

// As if the signal had come.
void RequestStop(int signal);

// Returns when the time is over or a stop was requested, also by a signal that another thread took.
void SleepUnlessStopped(std::chrono::milliseconds duration);

}  // namespace tfseal
