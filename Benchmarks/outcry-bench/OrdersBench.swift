import Glibc
import Outcry
import OutcryMeasuring

/// `outcry-bench orders URL COUNT [IN-FLIGHT [tonce|nonce FOLDER]]`: places and cancels orders over one connection, with the key
/// of the environment (`OUTCRY_MTGOX_KEY`, `OUTCRY_MTGOX_SECRET`), and prints what an order cost.
///
/// A tenth of the orders goes first, over a connection of which every frame is counted: that is where messages
/// and bytes an order come from. The measured ones follow over one that nobody looks at.
enum OrdersBench {
    static func run(_ words: [String]) throws -> Int32 {
        guard words.count >= 2, let count = Int(words[1]), count > 0,
            let inFlight = words.count > 2 ? Int(words[2]) : 1000, inFlight > 0
        else {
            print("usage: outcry-bench orders URL COUNT [IN-FLIGHT [tonce|nonce FOLDER]]")
            return 2
        }
        if words.count > 4 {
            var signer = MtGoxSignerOptions()
            signer.stamps = words[3] == "nonce" ? .nonce : .tonce
            signer.folder = words[4]
            let mill = try mill(words[0], count, inFlight, counts: false, signer)
            print(mill.report(counted: mill))
            return mill.isRight ? 0 : 1
        }
        let counting = try mill(words[0], max(count / 10, 1), inFlight, counts: true)
        let measured = try mill(words[0], count, inFlight, counts: false)
        print(measured.report(counted: counting))
        return measured.isRight && counting.isRight ? 0 : 1
    }

    private static func mill(
        _ url: String, _ count: Int, _ inFlight: Int, counts: Bool,
        _ signer: MtGoxSignerOptions? = nil
    ) throws -> OrderMill {
        let kernel = Kernel(driver: try Reactor())
        kernel.logLevel = .warning
        var account = MtGoxAccess(try .fromEnvironment())
        account.gateway.isLimited = false
        if let signer {
            account.signer = signer
            // Nonces go one at a time over all processes: whoever is last has waited for long.
            account.gateway.timeout = .seconds(150)
        }
        var venue = MtGoxVenue([.btcusd], account: account)
        venue.rules.budgets = []
        let link = try Link.open(venue, on: kernel, url: url, instruments: [.btcusd])
        let mill = OrderMill(
            link, count: count, inFlight: inFlight, counts: counts,
            isAlone: signer == nil)
        kernel.start(mill, alias: "mill")
        try kernel.run()
        return mill
    }
}

/// Keeps so many orders open, cancels each as soon as it rests, and places another.
final class OrderMill: Session {
    private let link: Link
    private let count: Int
    private let inFlight: Int
    private let counts: Bool
    /// Nobody else trades with the key.
    private let isAlone: Bool
    /// Its own orders, where others have some too.
    private var mine = Set<OrderID>()
    private var placed = 0
    private var ended = 0
    private var mostOpen = 0
    private var otherEnds = 0
    private var price: Price = "1.00000"
    // What was counted.
    private var framesIn: [(kind: String, count: Int)] = []
    private var bytesIn = 0
    private var bytesOut = 0
    private var framesOut = 0
    private var began: (cpu: Int64, time: KernelTime) = (0, .zero)
    private var cpu: Int64 = 0
    private var wall: Duration = .zero
    private var fills = 0
    /// What the exchange refused, by its words.
    private var refusals: [String: Int] = [:]
    private var exchange: (wallet: Wallet, orders: Int)?
    private var portfolio: Wallet?

    init(_ link: Link, count: Int, inFlight: Int, counts: Bool, isAlone: Bool) {
        self.isAlone = isAlone
        self.link = link
        self.count = count
        self.inFlight = inFlight
        self.counts = counts
    }

    static func handlers(_ on: inout Handlers<OrderMill>) {
        on(.started) { me, _, my in
            my.register(me.link.reconciled, me.link.order, me.link.fill, me.link.notice)
            if me.counts { my.register(me.link.frame) }
        }
        on(.reconciled) { me, _, my in if me.placed == 0 { me.begin(my) } }
        on(.order) { me, order, my in
            guard me.isAlone || me.mine.contains(order.id) else { return }
            switch order.state {
            case .open: me.link.cancel(order.id, my)
            case .cancelled: me.end(my)
            case .rejected, .filled:
                me.otherEnds += 1
                my.log.warning("not cancelled", "\(copy order)")
                me.end(my)
            case .pending, .executing, .unknown: break
            }
        }
        on(.fill) { me, _, _ in me.fills += 1 }
        on(.notice) { me, notice, _ in
            if !notice.isSuccess { me.refusals[notice.text, default: 0] += 1 }
        }
        on(.frame) { me, frame, _ in me.count(copy frame) }
    }

    private func begin(_ my: Context) {
        began = (Self.cpuTime(), my.now)
        for _ in 0..<min(inFlight, count) { place(my) }
    }

    private func place(_ my: Context) {
        placed += 1
        let id = link.place(.limit(.buy, quantity: "0.01000000", price: price), my)
        if !isAlone { mine.insert(id) }
        mostOpen = max(mostOpen, placed - ended)
    }

    private func end(_ my: Context) {
        ended += 1
        if placed < count { return place(my) }
        guard ended == count else { return }
        cpu = Self.cpuTime() - began.cpu
        wall = my.now - began.time
        my.task { [self] my in
            portfolio = try await link.balances()
            if let account = try await value(.info, my), let orders = try await value(.orders, my) {
                exchange = (account.wallet, orders.count)
            }
            my.kernel.stop()
        }
    }

    private func value<Value: Sendable>(_ call: MtGoxCall<Value>, _ my: Context) async throws
        -> Value?
    {
        let reply = try await my.ask(.mtgoxCall, to: link.gateway, call.raw, timeout: .seconds(30))
        guard case .success(let reply) = reply else { return nil }
        return try call.read(reply)
    }

    private func count(_ frame: Frame) {
        guard placed > 0, ended < count else { return }
        if frame.direction == .sent {
            framesOut += 1
            bytesOut += frame.bytes.count
            return
        }
        bytesIn += frame.bytes.count
        let kind = Self.kind(of: frame.bytes)
        if let place = framesIn.firstIndex(where: { $0.kind == kind }) {
            framesIn[place].count += 1
        } else {
            framesIn.append((kind, 1))
        }
    }

    private static let kinds = ["user_order", "wallet", "depth", "ticker", "trade", "lag"]
        .map { (name: $0, words: Array("\"private\":\"\($0)\"".utf8)) }
    private static let answers = ["result", "remark", "subscribe"]
        .map { (name: $0, words: Array("\"op\":\"\($0)\"".utf8)) }

    /// The message's kind, by its words.
    private static func kind(of text: [UInt8]) -> String {
        (kinds + answers).first { holds(text, $0.words) }?.name ?? "other"
    }

    private static func holds(_ text: [UInt8], _ words: [UInt8]) -> Bool {
        guard text.count >= words.count else { return false }
        return (0...(text.count - words.count)).contains { place in
            text[place] == words[0] && text[place..<place + words.count].elementsEqual(words)
        }
    }

    private static func cpuTime() -> Int64 {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = Int64(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        return (seconds * 1_000_000 + Int64(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec))
            * 1_000
    }

    /// All was placed once, all was cancelled, and both sides have the same money and no order.
    var isRight: Bool {
        ended == count && otherEnds == 0 && fills == 0 && (exchange?.orders == 0 || !isAlone)
            && refusals.isEmpty && portfolio != nil && exchange?.wallet == portfolio
    }

    /// In JSON, with what another run has counted.
    func report(counted: OrderMill) -> String {
        func each(_ number: Int, of: Int) -> String {
            Measuring.text(Double(number) / Double(max(of, 1)))
        }
        let kinds = counted.framesIn.sorted { $0.kind < $1.kind }
            .map { "\"\($0.kind)\":\(each($0.count, of: counted.count))" }.joined(separator: ",")
        return
            "{\"orders\":\(ended),\"most_in_flight\":\(mostOpen),\"ns_cpu_an_order\":\(cpu / Int64(max(ended, 1))),"
            + "\"orders_a_second\":\(Int64(ended) * 1_000_000_000 / max(wall.nanoseconds, 1)),"
            + "\"messages_in_an_order\":{\(kinds)},\"messages_out_an_order\":\(each(counted.framesOut, of: counted.count)),"
            + "\"bytes_in_an_order\":\(each(counted.bytesIn, of: counted.count)),\"bytes_out_an_order\":\(each(counted.bytesOut, of: counted.count)),"
            + "\"refused\":{\(refusals.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))},\"not_cancelled\":\(otherEnds),\"open_at_the_exchange\":\(exchange.map { "\($0.orders)" } ?? "null"),"
            + "\"portfolio_is_the_ledger\":\(exchange != nil && exchange?.wallet == portfolio)}"
    }
}
