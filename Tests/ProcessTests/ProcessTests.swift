import Testing

/// Tests of the built program, one after another: each has several processes of its own.
@Suite(.serialized) enum ProcessTests {}
