import OutcryCrypto
import OutcryKernel
import OutcryServing
import OutcryWire

/// What was asked over HTTP: two with equal questions get the same bytes.
struct ReplyQuestion: Hashable {
    let version: APIVersion
    let call: ServedCall
    let isRaw: Bool
}

/// A reply, made once.
final class MadeReply {
    let body: [UInt8]
    /// When what it says was known to be the venue's; nil: it says nothing that ages.
    let known: KernelTime?
    /// Until when it may be told again.
    let end: KernelTime
    /// The state of the market that it was made of.
    let version: Int
    /// So much longer than other data it is not stale: what hardly changes is kept for so long.
    let lasts: Duration
    private var gzip: [UInt8]?
    private var madeTag: String?

    init(
        _ body: [UInt8], known: KernelTime?, end: KernelTime, version: Int, lasts: Duration = .zero
    ) {
        self.body = body
        self.known = known
        self.end = end
        self.version = version
        self.lasts = lasts
    }

    /// The body compressed, where that is shorter.
    var packed: [UInt8]? {
        if gzip == nil {
            let text = body
            let made = try? Gzip.compress(text.span, level: 1)
            gzip = made.map { $0.count < text.count ? $0 : [] } ?? []
        }
        return gzip?.isEmpty == false ? gzip : nil
    }

    /// Its name among all that the question was answered with: by its bytes.
    var tag: String {
        if let madeTag { return madeTag }
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in SHA256.hash(body).prefix(12) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        let tag = String(decoding: text, as: UTF8.self)
        madeTag = tag
        return tag
    }

    /// Bytes that it takes, about.
    var bytes: Int { body.count + (gzip?.count ?? 0) + 256 }
}

/// The replies that were made, for as long as they may be told again.
struct ReplyShelf {
    /// More are not kept: `trades?since=` has as many questions as one likes.
    static let most = 1_000
    /// Nor more bytes of replies.
    static let mostBytes = 64 << 20

    /// A reply, and what was counted for it: it is compressed later, so twice its size.
    private struct Place {
        let reply: MadeReply
        let size: Int
    }

    /// Only looked up.
    private var replies: [ReplyQuestion: Place] = [:]

    /// Bytes that it takes, about.
    private(set) var bytes = 0

    /// A reply that is still good.
    func reply(_ question: ReplyQuestion, at now: KernelTime) -> MadeReply? {
        guard let place = replies[question], now < place.reply.end else { return nil }
        return place.reply
    }

    /// Keeps a reply.
    mutating func keep(_ reply: MadeReply, for question: ReplyQuestion, at now: KernelTime) {
        guard reply.bytes * 4 <= Self.mostBytes else { return }
        if let old = replies.removeValue(forKey: question) { bytes -= old.size }
        let size = 2 * reply.bytes
        if replies.count >= Self.most || bytes + size > Self.mostBytes {
            replies = replies.filter { now < $0.value.reply.end }
            bytes = replies.values.reduce(0) { $0 + $1.size }
            if replies.count >= Self.most || bytes + size > Self.mostBytes {
                replies.removeAll()
                bytes = 0
            }
        }
        bytes += size
        replies[question] = Place(reply: reply, size: size)
    }
}
