import OutcryKernel
import OutcryWire

/// One connection of a client: the way through a proxy, then calls one after the other. A pure state machine,
/// without a clock: whoever owns it keeps the one deadline that each state has.
struct HTTPConnectionMachine {
    /// What it is doing.
    enum State: Equatable {
        /// It is being opened: name, address, and TLS where nothing lies between.
        case connecting
        /// It talks with its proxy.
        case negotiating
        /// TLS, behind a proxy.
        case securing
        /// It waits for a call.
        case free
        /// A request is out, nothing has come.
        case asked
        /// A reply is coming.
        case answered
        /// It is of no more use.
        case over
    }

    /// What has to be done next.
    enum Step {
        /// Nothing before more comes.
        case wait
        /// These bytes go out, with what was read behind it still unread.
        case send([UInt8])
        /// The stream has to be made secret.
        case secure
        /// A call can begin.
        case ready
        /// The call is done. The connection carries another where `isFree`; else it is over.
        case reply(HTTPReply, isFree: Bool)
        /// There is no reply, and the connection is over. A second try cannot do anything twice where
        /// `mayRepeat`.
        case failure(HTTPFailure, mayRepeat: Bool)
    }

    private(set) var state = State.connecting
    private let origin: HTTPOrigin
    private var reader: HTTPReplyReader
    private var negotiation: ProxyNegotiation?
    private var method = ""
    private var closesAfterThis = false
    /// Calls that have begun on it.
    private(set) var calls = 0

    init(_ origin: HTTPOrigin, bodyLimit: Int) {
        self.origin = origin
        reader = HTTPReplyReader(bodyLimit: bodyLimit)
    }

    /// The proxy, where it is asked for each plain call instead of for a way to the host.
    private var isForwarded: Bool { origin.proxy?.language == .http && !origin.isSecure }

    /// The stream is there.
    mutating func opened() -> Step {
        guard state == .connecting else { return .wait }
        guard let proxy = origin.proxy, !isForwarded else { return ready() }
        do throws(CodecError) {
            let talk = try ProxyNegotiation(
                proxy.language, host: origin.host, port: origin.port,
                credentials: proxy.credentials)
            negotiation = talk
            state = .negotiating
            return .send(talk.hello)
        } catch { return fail(.malformed(error)) }
    }

    /// The stream is secret now, behind the proxy.
    mutating func secured() -> Step { state == .securing ? ready() : .wait }

    private mutating func ready() -> Step {
        state = .free
        return .ready
    }

    /// A request goes out.
    ///
    /// - Parameters:
    ///   - closes: It is the last one: the request says so.
    ///   - inflates: A body that comes as gzip is inflated.
    mutating func begin(_ method: String, closes: Bool, inflates: Bool) {
        precondition(state == .free, "a connection carries one call at a time")
        self.method = method
        closesAfterThis = closes
        reader.inflates = inflates
        calls += 1
        state = .asked
    }

    /// Takes what has come.
    mutating func received(_ bytes: Span<UInt8>, _ position: inout Int) -> Step {
        switch state {
        case .connecting, .over: return .wait
        case .negotiating: return negotiate(bytes, &position)
        case .free, .securing:
            guard position < bytes.count else { return .wait }
            return fail(.connection("bytes came that nobody had asked for"))
        case .asked, .answered:
            if position < bytes.count { state = .answered }
            do throws(CodecError) {
                guard let reply = try reader.next(bytes, &position, method: method) else {
                    return .wait
                }
                // Bytes behind the reply belong to nothing.
                return done(reply, isWhole: position == bytes.count)
            } catch { return fail(.malformed(error)) }
        }
    }

    private mutating func negotiate(_ bytes: Span<UInt8>, _ position: inout Int) -> Step {
        do throws(ProxyError) {
            switch try negotiation?.next(bytes, at: &position) {
            case .send(let answer): return .send(answer)
            case .needMore, nil: return .wait
            case .open:
                negotiation = nil
                guard position == bytes.count else {
                    return fail(.proxy("the proxy said more than that the way is open"))
                }
                guard origin.isSecure else { return ready() }
                state = .securing
                return .secure
            }
        } catch { return fail(.proxy("\(error)")) }
    }

    private mutating func done(_ reply: HTTPReply, isWhole: Bool) -> Step {
        let isFree = isWhole && !closesAfterThis && reply.head.keepsAlive
        state = isFree ? .free : .over
        return .reply(reply, isFree: isFree)
    }

    /// The other side has ended its half: the end of some replies.
    mutating func ended() -> Step {
        guard state == .answered else { return lost("ended before a reply", isUntouched: false) }
        do throws(CodecError) {
            guard let reply = try reader.finish() else {
                return fail(.connection("ended before a reply"))
            }
            return done(reply, isWhole: false)
        } catch { return fail(.malformed(error)) }
    }

    /// The connection is no more.
    ///
    /// - Parameter isUntouched: Nothing of the request has left.
    mutating func lost(_ why: String, isUntouched: Bool) -> Step {
        // Nothing came, on a connection that the server had kept: it had closed that before it saw the request,
        // most probably. Only a request that may be done twice is put again, or one that did not leave.
        let mayRepeat =
            state == .asked && calls > 1 && (isUntouched || Self.isIdempotent(method))
        switch state {
        case .over: return .wait
        case .negotiating: return fail(.proxy("the proxy hung up: \(why)"))
        case .connecting, .securing: return fail(.unreachable(why))
        default: return fail(.connection(why), mayRepeat: mayRepeat)
        }
    }

    /// The state's deadline has passed.
    mutating func overdue(_ options: HTTPClientOptions) -> Step {
        switch state {
        case .over, .answered: .wait
        case .free: fail(.connection("idle"))
        case .asked: fail(.timedOut(options.firstByteTimeout))
        case .connecting, .negotiating, .securing:
            fail(.unreachable("none within \(options.connectTimeout)"))
        }
    }

    private mutating func fail(_ failure: HTTPFailure, mayRepeat: Bool = false) -> Step {
        state = .over
        return .failure(failure, mayRepeat: mayRepeat)
    }

    /// Doing it twice is as doing it once (RFC 9110 section 9.2.2).
    static func isIdempotent(_ method: String) -> Bool {
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method)
    }
}
