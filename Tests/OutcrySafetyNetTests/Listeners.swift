import OutcryKernel
import OutcrySimulation
import OutcryWire

@testable import OutcrySafetyNet

/// A client of the stream that can stop reading, over whatever carries it.
protocol Listener {
    func say(_ text: String)
    /// Reads no more, or reads again.
    func setReading(_ on: Bool)
    /// The messages that have come.
    func take() throws -> [String]
    /// It was let go.
    var isOver: Bool { get }
}

/// What carries a ``Listener``.
enum ListenerKind: CaseIterable {
    case webSocket, page, polling

    func listen(_ house: NetHouse) throws -> any Listener {
        switch self {
        case .webSocket: WebSocketListener(try house.stream("/"))
        case .page: try PageListener(house)
        case .polling: try PollingListener(house)
        }
    }
}

final class WebSocketListener: Listener {
    private let stream: StreamPeer
    init(_ stream: StreamPeer) { self.stream = stream }
    func say(_ text: String) { stream.send(text) }
    func setReading(_ on: Bool) { stream.peer.isReading = on }
    func take() throws -> [String] { try stream.take() }
    var isOver: Bool { stream.closed != nil || stream.peer.hasEnded }
}

/// What those of Socket.IO have in common that speak by POST.
class PostingListener {
    let house: NetHouse
    let path: String
    private(set) var isOver = false

    init(_ house: NetHouse, _ transport: String) throws {
        self.house = house
        let name = try house.get("/socket.io/1/").text.prefix { $0 != ":" }
        path = "/socket.io/1/\(transport)/\(name)"
    }

    func say(_ text: String) { post("4::/mtgox:\(text)") }

    func post(_ packet: String) {
        let peer = HTTPPeer(house)
        peer.send(path, method: "POST", body: Array(packet.utf8))
        house.run(.milliseconds(5))
        peer.peer.close()
    }

    /// The message in a packet; nil where it has none.
    func message(_ packet: String) -> String? {
        if packet == "0::" { isOver = true }
        let head = "4::/mtgox:"
        return packet.hasPrefix(head) ? String(packet.dropFirst(head.count)) : nil
    }
}

/// Over an endless page (htmlfile).
final class PageListener: PostingListener, Listener {
    private let page: HTTPPeer
    private var text = ""

    init(_ house: NetHouse) throws {
        page = HTTPPeer(house)
        try super.init(house, "htmlfile")
        page.send(path)
        house.run(.milliseconds(5))
        post("1::/mtgox")
    }

    func setReading(_ on: Bool) { page.peer.isReading = on }

    func take() throws -> [String] {
        text += String(decoding: page.peer.take(), as: UTF8.self)
        var messages: [String] = []
        while let start = text.firstRange(of: "<script>_("),
            let end = text[start.upperBound...].firstRange(of: ");</script>")
        {
            let literal = text[start.upperBound..<end.lowerBound]
            if let said = message(try JSONTree(Array("[\(literal)]".utf8)).elements[0].text) {
                messages.append(said)
            }
            text = String(text[end.upperBound...])
        }
        return messages
    }
}

/// By polls (xhr-polling).
final class PollingListener: PostingListener, Listener {
    private let peer: HTTPPeer
    private var isAsked = false
    private var isReading = true

    init(_ house: NetHouse) throws {
        peer = HTTPPeer(house)
        try super.init(house, "xhr-polling")
        _ = try take()
        post("1::/mtgox")
        _ = try take()
    }

    func setReading(_ on: Bool) { isReading = on }

    func take() throws -> [String] {
        var messages: [String] = []
        while isReading {
            if !isAsked { peer.send(path) }
            isAsked = true
            house.run(.milliseconds(20))
            guard let reply = try peer.next() else { break }
            isAsked = false
            messages += Self.packets(reply.text).compactMap { message($0) }
        }
        return messages
    }

    /// One packet, or some with their lengths in front.
    private static func packets(_ text: String) -> [String] {
        guard text.first == "\u{FFFD}" else { return [text] }
        let parts = text.split(separator: "\u{FFFD}")
        return stride(from: 1, to: parts.count, by: 2).map { String(parts[$0]) }
    }
}

/// The book as somebody has it who believes what he is told, from the first whole book on.
struct ToldBook {
    private(set) var snapshots = 0
    private(set) var changes = 0
    /// By totals, and by sums of the changes.
    private(set) var levels: [String: Int64] = [:]
    private(set) var sums: [String: Int64] = [:]
    /// Changes that were not the difference to what was told before.
    private(set) var faults = 0

    mutating func hear(_ text: String) throws {
        let json = try JSONTree(Array(text.utf8))
        if json["op"].text == "snapshot" {
            snapshots += 1
            levels = [:]
            for (side, name) in [("ask", "asks"), ("bid", "bids")] {
                for level in json["snapshot"][name].elements {
                    levels[side + level["price_int"].text] = Int64(level["amount_int"].text)
                }
            }
            sums = levels
        } else if json["private"].text == "depth", snapshots > 0,
            json["depth"]["currency"].text == "USD"
        {
            let depth = json["depth"]
            changes += 1
            let level = depth["type_str"].text + depth["price_int"].text
            let total = Int64(depth["total_volume_int"].text) ?? -1
            let sum = (sums[level] ?? 0) + (Int64(depth["volume_int"].text) ?? 0)
            if sum != total { faults += 1 }
            levels[level] = total == 0 ? nil : total
            sums[level] = sum == 0 ? nil : sum
        }
    }
}
