import OutcryKernel
import OutcrySimulation
import OutcryVenues
import OutcryWire

@testable import OutcrySandbox

/// Somebody who sends what nobody should, and somebody else who trades meanwhile.
final class HostileHouse {
    let trading: TradingHouse
    let victim: Trader
    private let channel: StreamPeer
    /// Orders that the other one has placed so far.
    private(set) var orders = 0
    var house: SandboxHouse { trading.house }

    init(journal: Journal? = nil, _ change: (inout SandboxConfiguration) -> Void = { _ in }) throws
    {
        trading = try TradingHouse(journal: journal, change)
        victim = try trading.person("victim")
        channel = try victim.listen()
    }

    /// The other one places an order and takes it back, by both carriers, and hears of all of it.
    ///
    /// - Returns: What was not as on a quiet day; empty when nothing was.
    func trade() throws -> String {
        let form = [("type", "bid"), ("amount_int", "100000000"), ("price_int", "100")]
        let oid = try victim.call("BTCUSD/order/add", form).text
        let added = try channel.messages().map { $0["user_order"]["status"].text }
        let answers = try channel.ask(
            victim.sealed("order/cancel", [MtGoxParameter("oid", oid)], id: "c"))
        let words = answers.map { $0["op"].text + $0["user_order"]["reason"].text }
        orders += 1
        if added != ["pending", "executing", "post-pending", "open"] { return "\(added)" }
        if words != ["result", "privaterequested"] { return "\(answers)" }
        return ""
    }

    /// A client of the stream on one of its carriers.
    func client(_ carrier: HostileCarrier) throws -> HostileStream {
        try HostileStream(house, carrier)
    }
}

enum HostileCarrier: String, CaseIterable { case webSocket, socketIO }

/// A client of the stream that sends texts, whichever carrier it is on.
struct HostileStream {
    let peer: StreamPeer
    private let house: SandboxHouse
    private let carrier: HostileCarrier

    init(_ house: SandboxHouse, _ carrier: HostileCarrier) throws {
        self.house = house
        self.carrier = carrier
        switch carrier {
        case .webSocket: peer = try house.stream("/")
        case .socketIO:
            let body = String(decoding: try house.get("/socket.io/1/").body, as: UTF8.self)
            let session = try SocketIOHandshake(body).session
            peer = try house.stream("/socket.io/1/websocket/\(session)")
            peer.send("1::/mtgox")
        }
        house.run(.milliseconds(5))
        _ = try peer.raw()
    }

    func send(_ text: String) {
        peer.send(carrier == .webSocket ? text : "4::/mtgox:" + text)
    }

    /// What the exchange has said to it alone, without the carrier's own packets and the market.
    func messages() throws -> [JSONTree] {
        try all().filter { $0["op"].text != "private" }
    }

    private func all() throws -> [JSONTree] {
        let raw = try peer.raw()
        guard carrier == .socketIO else { return try raw.map { try JSONTree($0) } }
        let head = Array("4::/mtgox:".utf8)
        return try raw.filter { $0.starts(with: head) }.map {
            try JSONTree(Array($0.dropFirst(head.count)))
        }
    }

    /// Sends, lets a moment pass and gives what has come.
    func ask(_ text: String) throws -> [JSONTree] {
        send(text)
        house.run(.milliseconds(2))
        return try messages()
    }
}
