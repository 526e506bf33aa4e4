public import OutcryBytes

// Heads and chunks to bytes. Nothing that could change the framing passes: CR, LF and other control
// characters in a name, value, target or reason are refused, so no value can smuggle in a field.

extension HTTPRequestHead {
    /// The bytes of the head.
    ///
    /// - Throws: ``CodecError`` (unwritable) that names the part and the byte that may not be sent.
    public func encoded() throws(CodecError) -> [UInt8] {
        try HTTPWriter.check(method, "the method", mayBeEmpty: false, HTTPSyntax.isToken)
        try HTTPWriter.check(target, "the target", mayBeEmpty: false, HTTPSyntax.isTarget)
        return try HTTPWriter.head("\(method) \(target) \(version.rawValue)\r\n", fields)
    }

    /// Writes the head behind what is in `queue`.
    ///
    /// - Throws: As ``encoded()``, and ``CodecError`` (full); nothing is written then.
    public func write(to queue: ByteQueue) throws(CodecError) {
        try HTTPWriter.append(try encoded(), to: queue)
    }
}

extension HTTPResponseHead {
    /// The bytes of the head.
    ///
    /// - Throws: ``CodecError`` (unwritable) that names the part and the byte that may not be sent.
    public func encoded() throws(CodecError) -> [UInt8] {
        guard (100...999).contains(status) else {
            throw CodecError(
                .unwritable, at: 0, expected: "a status of three digits", found: "\(status)")
        }
        try HTTPWriter.check(reason, "the reason", mayBeEmpty: true, HTTPSyntax.isText)
        return try HTTPWriter.head("\(version.rawValue) \(status) \(reason)\r\n", fields)
    }

    /// Writes the head behind what is in `queue`.
    ///
    /// - Throws: As ``encoded()``, and ``CodecError`` (full); nothing is written then.
    public func write(to queue: ByteQueue) throws(CodecError) {
        try HTTPWriter.append(try encoded(), to: queue)
    }
}

/// Writes chunked bodies (RFC 9112 section 7.1).
public enum HTTPChunkWriter {
    /// Writes one chunk; nothing where `data` is empty, since an empty chunk would end the body.
    ///
    /// - Throws: ``CodecError`` (full) when the queue's limit would be passed; nothing is written.
    public static func write(_ data: Span<UInt8>, to queue: ByteQueue) throws(CodecError) {
        guard data.count > 0 else { return }
        let size = String(data.count, radix: 16)
        do throws(ByteQueueFull) {
            try queue.reserve(size.utf8.count + data.count + 4)
            try queue.append(size)
            try queue.append("\r\n")
            try queue.append(data)
            try queue.append("\r\n")
        } catch {
            throw CodecError(error)
        }
    }

    /// Writes one chunk from an array; see ``write(_:to:)``.
    ///
    /// - Throws: ``CodecError`` (full) when the queue's limit would be passed; nothing is written.
    public static func write(_ data: [UInt8], to queue: ByteQueue) throws(CodecError) {
        try write(data.span, to: queue)
    }

    /// Writes the last chunk and the trailers.
    ///
    /// - Throws: ``CodecError`` (unwritable or full); nothing is written then.
    public static func writeEnd(
        trailers: HTTPFields = [], to queue: ByteQueue
    ) throws(CodecError) {
        try HTTPWriter.append(try HTTPWriter.head("0\r\n", trailers), to: queue)
    }
}

enum HTTPWriter {
    static func head(_ first: String, _ fields: HTTPFields) throws(CodecError) -> [UInt8] {
        var bytes = Array(first.utf8)
        for field in fields {
            try check(field.name, "a field name", mayBeEmpty: false, HTTPSyntax.isToken)
            try check(
                field.value, "the value of \(field.name)", mayBeEmpty: true, HTTPSyntax.isText)
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(contentsOf: ": ".utf8)
            bytes.append(contentsOf: field.value.utf8)
            bytes.append(contentsOf: "\r\n".utf8)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    static func append(_ bytes: [UInt8], to queue: ByteQueue) throws(CodecError) {
        do throws(ByteQueueFull) {
            try queue.append(bytes)
        } catch {
            throw CodecError(error)
        }
    }

    static func check(
        _ text: String, _ part: String, mayBeEmpty: Bool, _ isAllowed: (UInt8) -> Bool
    ) throws(CodecError) {
        if text.isEmpty, !mayBeEmpty {
            throw CodecError(.unwritable, at: 0, expected: part, found: "nothing")
        }
        for (offset, byte) in text.utf8.enumerated() where !isAllowed(byte) {
            throw CodecError(
                .unwritable, at: offset, expected: "what may stand in \(part)", found: show(byte))
        }
    }
}
