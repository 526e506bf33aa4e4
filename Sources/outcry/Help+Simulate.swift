extension Help {
    static let simulate =
        """
        usage: outcry simulate [options]
               outcry simulate --seeds N [--from SEED] [--bot NAME] [--jobs N] [options]
               outcry simulate --bot NAME [--seed SEED] [options]

        The first runs exchange and bot on one simulated machine: virtual time, a network with delays and
        splits, everything decided by the seed. Prints what happened and a hash of every event.

          --seed N          1 if not said
          --fault NAME=VALUE
                            goes wrong on purpose, as often as this is said; outcry help faults
          --seconds N       virtual seconds (30 if not said)
          --hash            prints the hash alone
          --drop-last-depth the exchange keeps its last depth message to itself: the bot's book is
                            wrong then, and the exit code is 1

        The others run worlds: an exchange, a SafetyNet before it and a bot, three processes on three
        simulated machines, in weather that the seed draws, and then calm. All the time, and in the end, it
        is looked at whether books, orders, fills and wallets are the exchange's, whether anything piles up
        or spins, and whether all agree again in time. A violation prints its seed, what was expected and
        found, and the shortest command that still shows it; the exit code is 1 then.

          --seeds N         so many seeds, each with every bot; --from SEED: the first of them (1)
          --bot NAME        \(WorldBotKind.allCases.map(\.rawValue).joined(separator: ", ")); without --seeds one world, and its weather is told
          --jobs N          in so many processes (1)
          --only F,F        of the weather these faults alone, whether the seed draws them or not; none:
                            none. \(lines)
          --seconds N       how long the weather lasts (\(WorldPlan.usualSeconds))
          --until-violation ends at the first one
          --as-it-is        makes none smaller
          --lines           a line a world, for programs
          --log             with one world: what its processes log
        """

    /// The faults of the network, of processes and of storage, and what the others are.
    private static var lines: String {
        let own = WorldFault.all.filter { $0.place != .exchange }.map(\.name)
        return "One of " + own.joined(separator: ", ")
            + ",\n                            or of outcry help faults"
    }
}
