import COpenSSL
import COutcrySystem
import OutcryBytes
import OutcryKernel

/// The big buffers for ciphertext, one each way, lent to one connection at a time.
struct TLSBuffers {
    let input = SpareBytes(size: 1 << 17)
    let output = SpareBytes(size: 1 << 17)
}

/// One side of a TLS connection: ciphertext in and out, plain bytes in and out. No socket.
///
/// What came lies in ``input`` until libssl has used it; what has to go lies in ``output``. Both have memory
/// only while bytes are in them, and libssl gives its own back when it is empty: idle, it holds neither.
///
/// `ssl` and `window` are allocated in init and freed in deinit. The pointers in the window are set for the
/// time of one function of libssl, in ``call(room:_:)``.
@safe final class TLSConnection {
    /// How it is going.
    enum Phase { case handshaking, open, cutOff, over }
    /// What one look brought.
    enum Taken: Equatable {
        case bytes(Int)
        /// Nothing whole has come.
        case nothing
        /// The other side said good-bye.
        case ended
        case failed(TLSFailure)
    }

    /// The most plain bytes that are encrypted before they are written, in bytes.
    static let batch = 1 << 16

    let context: TLSContext
    let buffers: TLSBuffers
    /// Whom it is about.
    let name: String
    /// Under what a client's sessions are kept.
    let server: String
    let input = ByteQueue(limit: 1 << 17)
    let output = ByteQueue(limit: 1 << 18)
    /// Plain bytes whose ciphertext has not gone yet, and which the kernel has not been told as written.
    var owed = 0
    /// More can be decrypted without anything coming.
    var hasMore = false
    /// The reactor's list of connections with more has it.
    var isListed = false
    /// The first check of a certificate that failed.
    var rejection: TLSFailure?
    /// The other side's connection has ended, whether it said good-bye or not.
    var hasEnded = false
    /// Its good-bye has gone, and with it this side's half of the connection.
    var hasLeft = false
    /// Something has come behind the handshake.
    private(set) var hasHeard = false
    private(set) var phase = Phase.handshaking
    private var end: Taken?
    private var hasLooked = false
    private var hasSaidGoodbye = false
    let ssl: OpaquePointer
    private let window: UnsafeMutablePointer<outcry_tls_window>

    /// Makes the side of `context`.
    ///
    /// - Parameters:
    ///   - name: Whom it is about: the other side's name, or its address.
    ///   - server: Under what a client's sessions are kept.
    init(
        _ context: TLSContext, _ buffers: TLSBuffers, name: String, server: String
    ) throws(TLSFailure) {
        self.context = context
        self.buffers = buffers
        self.name = name
        self.server = server
        ERR_clear_error()
        guard let ssl = unsafe SSL_new(context.pointer) else {
            throw TLSError.options(name, "a connection of libssl")
        }
        unsafe self.ssl = unsafe ssl
        unsafe window = .allocate(capacity: 1)
        unsafe window.initialize(to: outcry_tls_window())
        guard let bio = unsafe outcry_tls_bio(window) else {
            throw TLSError.options(name, "a BIO of libssl")
        }
        unsafe SSL_set_bio(ssl, bio, bio)
        unsafe outcry_tls_set_owner(ssl, Unmanaged.passUnretained(self).toOpaque())
        if case .server = context.kind { unsafe SSL_set_accept_state(ssl) }
    }

    deinit {
        // A session may go on when its connection broke, the usual case: libssl must not think ill of it.
        if phase == .open || phase == .cutOff {
            unsafe SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        }
        unsafe SSL_free(ssl)
        unsafe window.deallocate()
    }

    /// The connection that libssl's callbacks mean.
    @unsafe static func owner(of ssl: OpaquePointer) -> TLSConnection? {
        // Sound: set in init, and `ssl` is freed in deinit.
        guard let owner = unsafe outcry_tls_owner(ssl) else { return nil }
        return unsafe Unmanaged<TLSConnection>.fromOpaque(owner).takeUnretainedValue()
    }

    // MARK: Calls

    /// Lends libssl the windows for one or more of its functions, which `body` calls.
    ///
    /// - Parameter room: Free bytes that the output has at least.
    /// - Returns: 0 where the last call went well, else libssl's kind of error.
    private func call(room: Int, _ body: (OpaquePointer) -> Int32) -> Int32 {
        ERR_clear_error()
        output.adopt(from: buffers.output, atLeast: room)
        var used = 0
        let error = try? output.withSpace(atLeast: room) {
            (space: inout OutputSpan<UInt8>) -> Int32 in
            unsafe space.withUnsafeMutableBufferPointer { buffer, count in
                unsafe window.pointee.output = unsafe buffer.baseAddress.map { unsafe $0 + count }
                unsafe window.pointee.output_room = buffer.count - count
                unsafe window.pointee.output_used = 0
                // Behind a handshake this side sees for itself what an end is; libssl would spoil the session.
                unsafe window.pointee.has_ended = hasEnded && phase == .handshaking ? 1 : 0
                let error = input.withUnread { unread in
                    unsafe unread.withUnsafeBufferPointer { unread in
                        unsafe window.pointee.input = unread.baseAddress
                        unsafe window.pointee.input_left = unread.count
                        let result = unsafe body(ssl)
                        used = unsafe unread.count - window.pointee.input_left
                        return result > 0 ? 0 : unsafe SSL_get_error(ssl, result)
                    }
                }
                unsafe count += window.pointee.output_used
                unsafe window.pointee = outcry_tls_window()
                return error
            }
        }
        input.drop(used)
        output.settle(into: buffers.output, lastRead: 0)
        // The output is full of answers that the other side does not take.
        return error ?? SSL_ERROR_WANT_WRITE
    }

    /// Goes on with the handshake, with what came.
    ///
    /// - Returns: `bytes(0)` when it is through, `nothing` while it is not.
    func shakeHands() -> Taken {
        if let failure = stranger() { return over(failure) }
        let error = unsafe call(room: 1 << 14) { unsafe SSL_do_handshake($0) }
        switch error {
        case 0:
            phase = .open
            return .bytes(0)
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .nothing
        default: return over(failure(error))
        }
    }

    /// Decrypts what came into `space`, which has room for `room` bytes.
    ///
    /// What comes behind the bytes, an end or a failure, is told when it is asked again: ``hasMore`` is set.
    func read(into space: UnsafeMutablePointer<UInt8>, room: Int) -> Taken {
        hasMore = false
        if !input.isEmpty { hasHeard = true }
        if let end { return end }
        guard room > 0 else { return .nothing }
        var count = 0
        let error = unsafe call(room: 4096) { ssl in
            var last: Int32 = 1
            while count < room, last > 0 {
                last = unsafe SSL_read(ssl, space + count, Int32(clamping: room - count))
                if last > 0 { count += Int(last) }
            }
            return last
        }
        switch error {
        case 0: hasMore = unsafe SSL_pending(ssl) > 0 || !input.isEmpty || hasEnded
        case SSL_ERROR_WANT_READ where hasEnded:
            phase = .cutOff
            end = .failed(
                TLSFailure(
                    .truncation, name: name, expected: "a good-bye (close_notify)",
                    found: "the end of the connection"))
        case SSL_ERROR_WANT_READ: break
        case SSL_ERROR_ZERO_RETURN: end = .ended
        case SSL_ERROR_WANT_WRITE:
            _ = over(
                TLSFailure(
                    .integrity, name: name, expected: "the other side to take what it asked for",
                    found: "\(output.count) bytes waiting"))
        default: _ = over(failure(error))
        }
        if count > 0 {
            if end != nil { hasMore = true }
            return .bytes(count)
        }
        return end ?? .nothing
    }

    /// Encrypts bytes from the front of `bytes`, at most ``batch``, into ``output``, which is empty.
    ///
    /// - Returns: How many.
    func encrypt(_ bytes: Span<UInt8>) throws(TLSFailure) -> Int {
        guard phase == .open, !hasSaidGoodbye else { return 0 }
        let wanted = min(bytes.count, Self.batch)
        var count = 0
        let error = unsafe call(room: Self.batch + 1 << 12) { ssl in
            unsafe bytes.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return 1 }
                var last: Int32 = 1
                while count < wanted, last > 0 {
                    // A record at a time: it always fits.
                    let size = min(wanted - count, 1 << 14)
                    last = unsafe SSL_write(ssl, base + count, Int32(size))
                    if last > 0 { count += Int(last) }
                }
                return last
            }
        }
        switch error {
        case 0, SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return count
        default:
            let failure = failure(error)
            _ = over(failure)
            throw failure
        }
    }

    /// Puts the good-bye behind what was encrypted, once.
    func sayGoodbye() {
        guard phase == .open, !hasSaidGoodbye else { return }
        hasSaidGoodbye = true
        _ = unsafe call(room: 4096) { unsafe SSL_shutdown($0) }
    }

    /// A session of this connection may go on in another.
    @unsafe func keep(_ session: OpaquePointer) {
        unsafe context.sessions.keep(session, of: server)
    }

    /// Its descriptor must not be closed yet: a server of TLS 1.3 sends tickets behind the handshake, and
    /// when they come to a closed socket the system resets the connection and what it has not sent is lost.
    var mustStay: Bool {
        guard hasLeft, !hasHeard, !hasEnded, phase == .open, case .client = context.kind else {
            return false
        }
        return unsafe SSL_version(ssl) >= TLS1_3_VERSION
    }

    // MARK: Failures

    /// The failure that ended it, if one did.
    var failure: TLSFailure? {
        if case .failed(let failure)? = end { failure } else { nil }
    }

    private func over(_ failure: TLSFailure) -> Taken {
        phase = .over
        end = .failed(failure)
        return .failed(failure)
    }

    private func failure(_ error: Int32) -> TLSFailure {
        rejection ?? Self.explain(error, name, context.kind, isOpen: phase == .open)
    }

    /// Whoever begins with anything but a TLS record of a handshake or an alert does not speak TLS.
    private func stranger() -> TLSFailure? {
        guard !hasLooked, !input.isEmpty else { return nil }
        hasLooked = true
        return input.withUnread { bytes in
            guard bytes[0] != 0x16 && bytes[0] != 0x15 || bytes.count > 1 && bytes[1] != 3 else {
                return nil
            }
            var text = ""
            for i in 0..<min(32, bytes.count) {
                if bytes[i] == 13 || bytes[i] == 10, i > 0 { break }
                let isPrinting = bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != 0x22
                text += isPrinting ? String(UnicodeScalar(bytes[i])) : "."
            }
            return TLSFailure(
                .notTLS, name: name, expected: "a TLS handshake", found: "\"\(text)\"")
        }
    }
}
