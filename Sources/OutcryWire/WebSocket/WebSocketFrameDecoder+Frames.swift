// The general way through a frame: every opcode, masks, frames that are not complete yet.
extension WebSocketFrameDecoder {
    @inline(never)
    mutating func nextSlow(
        _ bytes: inout MutableSpan<UInt8>, at position: inout Int
    ) throws(CodecError) -> WebSocketFound {
        precondition(position >= 0 && position <= bytes.count, "the position lies in the bytes")
        if let failure { throw failure }
        if state == .closed {
            position = bytes.count
            return .needMore(atLeast: 1)
        }
        if state == .assembled { clearAssembly() }
        do throws(CodecError) {
            return try readFrames(&bytes, at: &position)
        } catch {
            state = .failed
            failure = error
            assembly = []
            throw error
        }
    }

    /// Reads frames until one makes something to report or is not complete.
    private mutating func readFrames(
        _ bytes: inout MutableSpan<UInt8>, at position: inout Int
    ) throws(CodecError) -> WebSocketFound {
        while true {
            let (maybe, missing) = try readHeader(bytes.span, at: position)
            guard let header = maybe else { return .needMore(atLeast: missing) }
            let start = position + header.size
            let here = min(header.length, bytes.count - start)
            if here > done {
                try readPayload(header, &bytes, start + done..<start + here, start: start)
                done = here
            }
            guard here == header.length else { return .needMore(atLeast: header.length - here) }
            let found = try finish(header, bytes.span, start..<start + header.length)
            position = start + header.length
            done = 0
            if let found { return found }
        }
    }

    /// Unmasks the bytes that are new, and checks them if they are text.
    private mutating func readPayload(
        _ header: WebSocketFrameHeader, _ bytes: inout MutableSpan<UInt8>, _ range: Range<Int>,
        start: Int
    ) throws(CodecError) {
        var isASCII = false
        if let key = header.key {
            isASCII = ByteKernels.mask(&bytes, range, key: key, phase: range.lowerBound - start)
        }
        let isPlainText =
            header.opcode == .text && !header.isCompressed
            || header.opcode == .continuation && state == .inText && !isCompressed
        guard isPlainText, !(isASCII && text.isComplete) else { return }
        if let bad = text.firstBad(in: bytes.span, range) {
            throw CodecError(
                .invalidUTF8, at: bad - start + header.size, expected: "UTF-8",
                found: show(bytes[bad]))
        }
    }

    /// Acts on a complete frame; nil if it is only a part of a message.
    private mutating func finish(
        _ header: WebSocketFrameHeader, _ bytes: Span<UInt8>, _ payload: Range<Int>
    ) throws(CodecError) -> WebSocketFound? {
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close: return try finishClose(header, bytes, payload)
        case _ where header.isCompressed || (header.opcode == .continuation && isCompressed):
            return try inflate(header, bytes, payload)
        case .text:
            guard header.isFinal else { return begin(.inText, bytes, payload) }
            try checkTextEnd(header)
            return .text(payload)
        case .binary:
            guard header.isFinal else { return begin(.inBinary, bytes, payload) }
            return .binary(payload)
        case .continuation:
            assemble(bytes, payload)
            guard header.isFinal else { return nil }
            let wasText = state == .inText
            if wasText { try checkTextEnd(header) }
            state = .assembled
            return wasText ? .assembledText : .assembledBinary
        }
    }

    /// Puts the content of a frame of a compressed message behind that of the frames before it.
    private mutating func inflate(
        _ header: WebSocketFrameHeader, _ bytes: Span<UInt8>, _ payload: Range<Int>
    ) throws(CodecError) -> WebSocketFound? {
        guard let inflater else { return nil }
        if header.opcode != .continuation {
            state = header.opcode == .text ? .inText : .inBinary
            isCompressed = true
        }
        let before = assembly.count
        do throws(CodecError) {
            try inflater.inflate(bytes.extracting(payload), into: &assembly, limit: messageLimit)
            if header.isFinal { try inflater.finish(into: &assembly, limit: messageLimit) }
        } catch {
            throw CodecError(
                error.problem, at: header.size + error.offset, expected: error.expected,
                found: error.found)
        }
        let isText = state == .inText
        if isText { try checkInflated(header, from: before) }
        guard header.isFinal else { return nil }
        if isText { try checkTextEnd(header) }
        state = .assembled
        return isText ? .assembledText : .assembledBinary
    }

    private mutating func checkInflated(
        _ header: WebSocketFrameHeader, from start: Int
    ) throws(CodecError) {
        var checker = text
        let bad = checker.firstBad(in: assembly.span, start..<assembly.count)
        text = checker
        guard let bad else { return }
        throw CodecError(
            .invalidUTF8, at: header.size, expected: "UTF-8",
            found: "\(show(assembly[bad])) at byte \(bad) of the inflated message")
    }

    private mutating func begin(
        _ next: State, _ bytes: Span<UInt8>, _ payload: Range<Int>
    ) -> WebSocketFound? {
        state = next
        assemble(bytes, payload)
        return nil
    }

    private mutating func assemble(_ bytes: Span<UInt8>, _ payload: Range<Int>) {
        let part = bytes.extracting(payload)
        unsafe part.withUnsafeBufferPointer { unsafe assembly.append(contentsOf: $0) }
    }

    private mutating func clearAssembly() {
        assembly.removeAll(keepingCapacity: assembly.capacity <= keptCapacity)
        isCompressed = false
        state = .idle
    }

    private func checkTextEnd(_ header: WebSocketFrameHeader) throws(CodecError) {
        guard text.isComplete else {
            throw CodecError(
                .invalidUTF8, at: header.size + header.length,
                expected: "a continuation byte of UTF-8", found: "the end of the message")
        }
    }

    private mutating func finishClose(
        _ header: WebSocketFrameHeader, _ bytes: Span<UInt8>, _ payload: Range<Int>
    ) throws(CodecError) -> WebSocketFound {
        guard payload.count != 1 else {
            throw CodecError(
                .malformed, at: 1, expected: "a close frame of 0 or of 2 to 125 bytes",
                found: "length 1")
        }
        var code = WebSocketCloseCode.none
        var reason = payload
        if payload.count >= 2 {
            let high = UInt16(bytes[payload.lowerBound])
            code = WebSocketCloseCode(rawValue: high << 8 | UInt16(bytes[payload.lowerBound + 1]))
            guard code.isAllowedOnWire else {
                throw CodecError(
                    .malformed, at: header.size, expected: "a close code that may be sent",
                    found: "code \(code)")
            }
            reason = payload.lowerBound + 2..<payload.upperBound
            try checkReason(header, bytes, reason)
        }
        state = .closed
        assembly = []
        return .close(code, reason: reason)
    }

    private func checkReason(
        _ header: WebSocketFrameHeader, _ bytes: Span<UInt8>, _ reason: Range<Int>
    ) throws(CodecError) {
        var checker = UTF8Checker()
        let bad =
            checker.firstBad(in: bytes, reason) ?? (checker.isComplete ? nil : reason.upperBound)
        guard let bad else { return }
        throw CodecError(
            .invalidUTF8, at: bad - reason.lowerBound + header.size + 2,
            expected: "a close reason in UTF-8",
            found: bad < reason.upperBound ? show(bytes[bad]) : "the end of the frame")
    }
}
