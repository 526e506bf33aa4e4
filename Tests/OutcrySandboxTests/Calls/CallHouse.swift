import OutcryComponents
import OutcryMarket
import OutcrySandbox
import OutcrySimulation
import OutcryVenues
import OutcryWire
import Testing

/// How a person's typed calls go to the sandbox.
enum TestCarrier: CaseIterable, CustomTestStringConvertible {
    case version1
    case version2
    case stream

    var testDescription: String {
        switch self {
        case .version1: "HTTP version 1"
        case .version2: "HTTP version 2"
        case .stream: "op:call"
        }
    }
}

/// A person who asks typed calls: each is signed, sent, and its answer read by the call itself.
final class CallAsker {
    let trader: Trader
    private let carrier: TestCarrier
    private let stream: StreamPeer?
    private var number = 0
    /// The endpoints that were asked, in order.
    private(set) var asked: [String] = []

    init(_ trader: Trader, _ carrier: TestCarrier = .version1) throws {
        self.trader = trader
        self.carrier = carrier
        stream = carrier == .stream ? try trader.house.stream("/") : nil
        _ = try stream?.messages()
    }

    /// Asks, by the carrier where the call has a way there.
    func callAsFunction<Reply>(
        _ call: MtGoxCall<Reply>, nonce: UInt64? = nil
    ) throws -> Reply {
        let call = carrier == .version2 && call.raw.version != .v0 ? call.version2 : call
        asked.append(call.raw.endpoint)
        if let stream, call.raw.streamName != nil { return try ask(call, stream, nonce) }
        let reply = try http(call.raw, nonce)
        return try call.read(reply)
    }

    /// What the venue refuses of a call.
    func refusal<Reply>(_ call: MtGoxCall<Reply>, nonce: UInt64? = nil) throws -> MtGoxRefusal {
        do {
            let value = try self(call, nonce: nonce)
            throw Missing(what: "a refusal of \(call.raw), found \(value)")
        } catch let error as MtGoxError {
            guard let reason = error.reason else { throw error }
            return reason
        }
    }

    private func http(_ raw: MtGoxRawCall, _ nonce: UInt64?) throws -> MtGoxRawReply {
        let client = HTTPPeer(trader.house)
        if raw.isPrivate {
            let body = raw.form(.nonce(nonce ?? trader.nextNonce()))
            let fields = trader.credentials.fields(raw.httpTarget, body: body.span)
            client.send(
                raw.httpTarget,
                fields.map { "\($0.name): \($0.value)" } + ["Content-Length: \(body.count)"],
                method: raw.httpMethod)
            client.peer.send(body)
        } else {
            client.send(raw.httpTarget, method: raw.httpMethod)
        }
        trader.house.run(.milliseconds(10))
        guard let reply = try client.next() else { throw Missing(what: "a reply to \(raw)") }
        return MtGoxRawReply(body: reply.body, status: reply.head.status)
    }

    private func ask<Reply>(
        _ call: MtGoxCall<Reply>, _ stream: StreamPeer, _ nonce: UInt64?
    ) throws -> Reply {
        number += 1
        let id = "\(number)"
        let stamp = MtGoxCallStamp.nonce(nonce ?? trader.nextNonce())
        guard let body = call.raw.callBody(id: id, stamp: stamp) else {
            throw Missing(what: "a name of \(call.raw)")
        }
        stream.send(String(decoding: trader.credentials.message(body), as: UTF8.self))
        trader.house.run(.milliseconds(10))
        for message in try stream.raw() {
            switch try MtGoxParser.parse(message.span) {
            case .result(let place?, let value) where text(message, place) == id:
                return try call.read(MtGoxRawReply(body: Array(message[value]), status: nil))
            case .remark(let remark):
                guard let place = remark.id, text(message, place) == id else { continue }
                let words = remark.message.map { text(message, $0) } ?? ""
                throw MtGoxError(
                    refusal: Notice(text: words, isSuccess: remark.isSuccess, request: id))
            default: continue
            }
        }
        throw Missing(what: "an answer to \(call.raw)")
    }

    private func text(_ message: [UInt8], _ place: Range<Int>) -> String {
        var json = JSONReader(Array(message[place]).span)
        return (try? json.string().string) ?? ""
    }
}
