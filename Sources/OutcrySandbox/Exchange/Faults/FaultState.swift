import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire

/// The faults of a running sandbox: what is set, what it draws from, and what it keeps back.
struct FaultState {
    var settings: SandboxFaults { didSet { look() } }
    private var dice: SeededGenerator

    // What is looked at where everything is told: nothing else costs anything while no fault is set.
    private(set) var inMessages = false
    private(set) var inReplies = false
    private(set) var inConnections = false

    /// Since when the lag is as it is set, in microseconds since 1970.
    var lagSince: Int64 = 0
    /// A depth message of each book that waits for the next one.
    var late: [EngineDepth?]
    /// The prices of each book's bids that were told and are not there, to be taken back.
    var untrue: [[Int64]]
    /// The page that a call is answered with, which is executed all the same.
    var page: ErrorPage?
    /// What is told of a call waits for its result.
    var tellsLate = false
    /// Connections that are neither read nor written, by their streams. Only looked up.
    var silent: Set<UInt64> = []
    var refusesUntil = KernelTime.zero

    init(_ settings: SandboxFaults, seed: UInt64, books: Int) {
        self.settings = settings
        // Not the market's own numbers.
        dice = SeededGenerator(seed: seed ^ 0x6661_756c_7473)
        late = Array(repeating: nil, count: books)
        untrue = Array(repeating: [], count: books)
        look()
    }

    private mutating func look() {
        inMessages = settings.isAny([
            .loseSubscription, .dropDepth, .doubleDepth, .reorderDepth, .zeroDelta, .crossBook,
            .crossBriefly, .doubleTrade, .orderFirst, .idkeyAge,
        ])
        inReplies = settings.isAny([
            .invalidNonce, .mysqlError, .htmlError, .slowReply, .cutReply, .lostReply, .brokenGzip,
        ])
        inConnections = settings.isAny([.slowSockets, .halfOpen])
    }

    /// Draws whether a fault happens now.
    mutating func hits(_ fault: SandboxFault) -> Bool {
        let rate = settings[fault]
        return rate > 0 && Int64(dice.next() % 1_000) < rate
    }

    /// Draws one of so many.
    mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &dice) }

    /// How long what is acknowledged at a time waits before the engine has it; both in microseconds.
    func lag(at time: Int64) -> Int64 {
        let lag = settings[.engineLag]
        let growth = settings[.lagGrowth]
        guard lag != 0 || growth != 0 else { return 0 }
        var age = max(0, time - lagSince)
        let period = settings[.lagPeriod]
        if period > 0 {
            age %= period
            if age >= settings[.lagBurst] { return 0 }
        }
        return lag + age / 1_000 * growth
    }
}

/// An answer that is none of the exchange's own: what stood in front of it, or behind.
///
/// - Source: the protocol reference, section 3.4: the line was recorded; of the pages it is only known that
///   they were Cloudflare's and of HTML, so these words are the sandbox's.
enum ErrorPage {
    case mysql
    case html(status: Int)

    var status: Int { if case .html(let status) = self { status } else { 200 } }

    var fields: HTTPFields {
        if case .mysql = self { return [HTTPField("Content-Type", "text/plain")] }
        return [
            HTTPField("Content-Type", "text/html; charset=UTF-8"),
            HTTPField("Server", "cloudflare-nginx"),
        ]
    }

    var body: [UInt8] {
        guard case .html(let status) = self else {
            return Array("MySQL error, please retry later".utf8)
        }
        let title = status == 502 ? "Bad gateway" : "Service temporarily unavailable"
        return Array(
            """
            <!DOCTYPE html>
            <html>
            <head><title>mtgox.com | \(status): \(title)</title></head>
            <body>
            <h1>Error \(status)</h1>
            <h2>\(title)</h2>
            <p>The web server behind this page did not answer. Please try again in a few minutes.</p>
            </body>
            </html>

            """.utf8)
    }
}
