// `outcry-peer`: one end of other people's test suites, built on the components that are tested.

let words = Array(CommandLine.arguments.dropFirst())
Output.leave(Peer.run(words))
