import Testing

/// The programs as people start them. One at a time: they are processes, with sockets, on a machine
/// that may have one core to spare.
@Suite(.serialized) struct ProgramTests {}
