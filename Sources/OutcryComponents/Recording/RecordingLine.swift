import OutcryCrypto
public import OutcryKernel
import OutcryWire

/// One line of a recording: a JSON object on a line of its own (JSON Lines).
///
/// ```
/// {"outcry":"frames","version":1,"venue":"mtgox","url":"ws://127.0.0.1:8080/mtgox","instruments":["BTC/USD"]}
/// {"at":1307350320123456,"up":1}
/// {"at":1307350320125000,"out":"text","data":"{\"op\":\"mtgox.subscribe\",…}"}
/// {"at":1307350320223456,"in":"text","data":"{\"channel\":…}"}
/// {"at":1307350320230000,"http":"/api/1/BTCUSD/fulldepth","status":200,"data":"…"}
/// {"at":1307350321000000,"down":"closed by the venue: 1001"}
/// ```
///
/// `at` is in microseconds since 1970. Bytes that are no UTF-8 stand as `base64` instead of `data`.
public enum RecordingLine: Equatable, Sendable {
    /// The first line: what was recorded.
    case head(RecordingHead)
    /// A frame.
    case frame(Frame, at: WallTime)
    /// An exchange of HTTP.
    case http(HTTPExchange, at: WallTime)
    /// The link came up, the how many-th time.
    case up(Int, at: WallTime)
    /// The link went down, or did not come up.
    case down(String, at: WallTime)

    /// When it happened; nil for the first line.
    public var time: WallTime? {
        switch self {
        case .head: nil
        case .frame(_, let time), .http(_, let time), .up(_, let time), .down(_, let time): time
        }
    }
}

/// What a recording is of.
public struct RecordingHead: Equatable, Sendable {
    /// The version of the format that is written.
    public static let version = 1
    /// The venue's name.
    public let venue: String
    /// The stream's URL, without what may be secret in it.
    public let url: String
    /// What was traded: `BTC/USD`.
    public let instruments: [String]

    /// Makes a head.
    public init(venue: String, url: String, instruments: [String]) {
        self.venue = venue
        self.url = url
        self.instruments = instruments
    }
}

// MARK: Writing

extension RecordingLine {
    /// Appends the line with its end.
    public func write(to text: inout [UInt8]) {
        JSONWriter.appendObject(to: &text) { line in
            if let time { line.field("at", time.microseconds) }
            switch self {
            case .head(let head):
                line.field("outcry", "frames")
                line.field("version", RecordingHead.version)
                line.field("venue", head.venue)
                line.field("url", head.url)
                line.array("instruments") { all in
                    for name in head.instruments { all.append(name) }
                }
            case .frame(let frame, _):
                line.field(frame.direction.rawValue, frame.kind.rawValue)
                Self.put(frame.bytes, &line)
            case .http(let exchange, _):
                line.field("http", exchange.target)
                line.field("status", exchange.status)
                Self.put(exchange.body, &line)
            case .up(let count, _): line.field("up", count)
            case .down(let reason, _): line.field("down", reason)
            }
        }
        text.append(0x0A)
    }

    private static func put(_ bytes: [UInt8], _ line: inout JSONObjectWriter) {
        if let text = String(validating: bytes, as: UTF8.self) {
            line.field("data", text)
        } else {
            line.field("base64", Base64.encode(bytes))
        }
    }
}

// MARK: Reading

/// Why a recording cannot be read.
public struct RecordingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// What was expected and what came.
    public let problem: String

    /// In words.
    public var description: String { "line \(line): \(problem)" }
}

extension RecordingLine {
    /// Reads a line, without its end.
    ///
    /// - Throws: What was expected and what came.
    public init(_ bytes: Span<UInt8>) throws(RecordingLineError) {
        var fields = Fields()
        do throws(JSONError) {
            var reader = JSONReader(bytes)
            try fields.read(&reader)
            try reader.finish()
        } catch { throw RecordingLineError("\(error)") }
        self = try fields.line()
    }

    private struct Fields {
        var at: Int64?
        var head: String?
        var version: Int64?
        var venue = ""
        var url = ""
        var instruments: [String] = []
        var received: String?
        var sent: String?
        var http: String?
        var status: Int64?
        var up: Int64?
        var down: String?
        var data: [UInt8]?
        var base64: String?

        mutating func read(_ reader: inout JSONReader) throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "at": at = try reader.int64()
                case "outcry": head = try reader.string().string
                case "version": version = try reader.int64()
                case "venue": venue = try reader.string().string
                case "url": url = try reader.string().string
                case "instruments":
                    try reader.beginArray()
                    while try reader.nextElement() {
                        instruments.append(try reader.string().string)
                    }
                case "in": received = try reader.string().string
                case "out": sent = try reader.string().string
                case "http": http = try reader.string().string
                case "status": status = try reader.int64()
                case "up": up = try reader.int64()
                case "down": down = try reader.string().string
                case "data":
                    var text: [UInt8] = []
                    try reader.string().decode(into: &text)
                    data = text
                case "base64": base64 = try reader.string().string
                default: try reader.skip()
                }
            }
        }

        func line() throws(RecordingLineError) -> RecordingLine {
            if let head {
                guard head == "frames", version == Int64(RecordingHead.version) else {
                    throw RecordingLineError(
                        "expected frames of version \(RecordingHead.version), found "
                            + "\(head) of version \(version.map(String.init) ?? "none")")
                }
                return .head(RecordingHead(venue: venue, url: url, instruments: instruments))
            }
            guard let at else { throw RecordingLineError("expected a time \"at\", found none") }
            let time = WallTime(microseconds: at)
            if let up { return .up(Int(up), at: time) }
            if let down { return .down(down, at: time) }
            if let http {
                guard let status, 100...599 ~= status else {
                    throw RecordingLineError(
                        "expected a status from 100 to 599, found "
                            + (status.map(String.init) ?? "none"))
                }
                return .http(
                    HTTPExchange(target: http, status: Int(status), body: try bytes()), at: time)
            }
            let direction: Frame.Direction = sent == nil ? .received : .sent
            guard let name = sent ?? received, let kind = Frame.Kind(rawValue: name) else {
                throw RecordingLineError(
                    "expected \"in\" or \"out\" with the kind of a frame, found "
                        + (sent ?? received ?? "neither"))
            }
            return .frame(Frame(direction, kind, try bytes()), at: time)
        }

        private func bytes() throws(RecordingLineError) -> [UInt8] {
            if let data { return data }
            guard let base64 else {
                throw RecordingLineError("expected \"data\" or \"base64\", found neither")
            }
            do throws(CryptoError) {
                return try Base64.decode(base64)
            } catch { throw RecordingLineError("base64: \(error)") }
        }
    }
}

/// Why a line of a recording cannot be read.
public struct RecordingLineError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was expected and what came.
    public let description: String
    init(_ description: String) { self.description = description }
}
