import Glibc
import Outcry

/// What an order will do, for somebody who has to agree.
struct OrderPlan {
    let lines: [String]

    /// - Parameter worth: What it costs or brings, in words.
    init(_ request: OrderRequest, worth: String, key: String, url: String) {
        let pair = request.instrument ?? .btcusd
        let price = request.price.map { "at \(Show.price($0)) \(pair.quote.code)" }
        lines = [
            "\(request.side) \(Show.quantity(request.quantity)) \(pair.base.code) "
                + (price ?? "at any price"),
            "  worth    \(worth), besides the fee", "  key      \(key)", "  at       \(url)",
        ]
    }
}

/// Asks before money moves. What it says goes to standard error: standard output is for answers.
struct Confirmation {
    let plan: [String]
    /// Somebody is there to be asked.
    let isPerson: Bool
    /// What they type; nil at the end.
    let read: () -> String?
    let say: (String) -> Void

    /// Standard input is a terminal.
    static var isSomebodyThere: Bool { isatty(STDIN_FILENO) == 1 }

    /// Asks whoever sits at the terminal.
    static func onTerminal(_ plan: [String]) -> Confirmation {
        Confirmation(
            plan: plan, isPerson: isSomebodyThere, read: { readLine() },
            say: { Terminal.error($0) })
    }

    /// Whether it is agreed to, in so many words; with nobody there it is not.
    func isGiven() -> Bool {
        for line in plan { say(line) }
        guard isPerson else {
            say("outcry: expected --yes where no terminal is there to ask; nothing was sent")
            return false
        }
        say("Place this order? Type yes:")
        let answer = read()?.lowercased()
        if answer == "yes" || answer == "y" { return true }
        say("outcry: not confirmed; nothing was sent")
        return false
    }
}
