// What starting and ending any process costs.
int main() {
  return 0;
}
