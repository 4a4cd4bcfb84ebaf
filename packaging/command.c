/* The wheel's command: its code is in the library, so that Python and the command share one file. */

int ganrm_main(int argc, char **argv);

int main(int argc, char **argv) { return ganrm_main(argc, argv); }
