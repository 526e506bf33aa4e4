import OutcryKernel

/// Where a journal's blocks come from.
package protocol BlockSource: AnyObject {
    /// The size of its blocks, in bytes.
    var blockSize: Int { get }
    /// What the files are called, for errors.
    var name: String { get }
    /// What their bytes are hidden by; nil: nothing.
    var cipher: BlockCipher? { get }
    /// Lends a block; nil behind the last.
    func withBlock<R>(_ number: UInt64, _ body: (UnsafeRawBufferPointer) -> R) -> R?
    /// How many blocks there are room for.
    var blockCount: UInt64 { get }
}

extension BlockSource {
    package var cipher: BlockCipher? { nil }
}

/// Reads records out of blocks, each of which is verified first. A value: a copy reads on from the same
/// place.
struct TapeReader {
    let source: any BlockSource
    private(set) var block: UInt64 = 0
    private var bytes: [UInt8] = []
    private var at = 0
    /// What comes behind the block that is being read, where that was the last and not whole.
    private var torn: TapeEnd?
    /// How the reading ended; nil while it goes on.
    private(set) var end: TapeEnd?
    private(set) var last = TurnTime(now: .zero, wall: WallTime(microseconds: 0))
    /// Names that events had so far.
    private(set) var names: [String] = []
    /// The depth of the record that was read last.
    private(set) var depth = 0

    init(_ source: any BlockSource) { self.source = source }

    /// Where the next record begins, for errors: block and offset in its bytes.
    var place: String { "block \(block == 0 ? 0 : block - 1), byte \(at)" }

    // MARK: Blocks

    private mutating func turnPage() throws(TapeEnd) {
        if let torn { throw torn }
        let number = block
        let read = unsafe source.withBlock(number) { buffer in
            unsafe Self.verified(buffer, number)
        }
        switch read {
        case nil: throw .ended
        case .unwritten:
            throw hasGoodBlock(after: number)
                ? .damaged(block: number, "nothing is there, and more behind it") : .ended
        case .good(let good, let doubt):
            if let doubt {
                // It was being written when all ended, or else it is not as it was.
                if hasGoodBlock(after: number) { throw .damaged(block: number, doubt) }
                torn = .torn(block: number, doubt)
            }
            bytes = shown(good, number)
            at = 0
            block += 1
        case .bad(let what):
            throw hasGoodBlock(after: number)
                ? .damaged(block: number, what) : .torn(block: number, what)
        }
    }

    private func shown(_ bytes: [UInt8], _ block: UInt64) -> [UInt8] {
        guard let cipher = source.cipher else { return bytes }
        var bytes = bytes
        cipher.begin(block)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe cipher.apply(base, to: base, count: buffer.count)
        }
        return bytes
    }

    private func hasGoodBlock(after number: UInt64) -> Bool {
        var next = number + 1
        while next < source.blockCount {
            let read = unsafe source.withBlock(next) { unsafe Self.verified($0, next) }
            if case .good = read { return true }
            next += 1
        }
        return false
    }

    private enum Verified {
        /// Its bytes; and what is wrong with the head that may have told of more of them.
        case good([UInt8], doubt: String?)
        case unwritten
        case bad(String)
    }

    /// The bytes of a block, if one of its two heads is true.
    private static func verified(_ buffer: UnsafeRawBufferPointer, _ number: UInt64) -> Verified {
        guard let base = buffer.baseAddress, buffer.count > TapeFormat.blockHead else {
            return .bad("expected a head of \(TapeFormat.blockHead) bytes, found \(buffer.count)")
        }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: unsafe base.load(fromByteOffset: offset, as: UInt64.self))
        }
        var best = -1
        var isClosed = false
        var found: String?
        var isZero = true
        for place in 0..<2 {
            let facts = word(32 + place * 16)
            let seal = word(40 + place * 16)
            if facts != 0 || seal != 0 { isZero = false } else { continue }
            let length = Int(facts & 0x7fff_ffff)
            guard length <= buffer.count - TapeFormat.blockHead else {
                found = "a length of \(length)"
                continue
            }
            let content = unsafe UnsafeRawBufferPointer(
                rebasing: buffer[TapeFormat.blockHead..<TapeFormat.blockHead + length])
            let hash = BlockHash.of(unsafe content.bindMemory(to: UInt8.self).span)
            let expected = unsafe TapeWriter.sealed(base, facts, hash)
            if expected == seal, word(0) == number {
                best = max(best, length)
                if facts & TapeFormat.closed != 0 { isClosed = true }
            } else {
                found = "checksum \(String(seal, radix: 16)) for \(String(expected, radix: 16))"
            }
        }
        if best >= 0 {
            return .good(
                unsafe Array(buffer[TapeFormat.blockHead..<TapeFormat.blockHead + best]),
                doubt: isClosed ? nil : found)
        }
        return isZero ? .unwritten : .bad(found ?? "nothing")
    }

    // MARK: Bytes

    mutating func byte() throws(TapeEnd) -> UInt8 {
        while at == bytes.count { try turnPage() }
        defer { at += 1 }
        return bytes[at]
    }

    mutating func number() throws(TapeEnd) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 64 else { throw malformed("a number of at most ten bytes", "more") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    mutating func signed() throws(TapeEnd) -> Int64 {
        let value = try number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func word() throws(TapeEnd) -> UInt64 {
        var value: UInt64 = 0
        if at + 8 <= bytes.count {
            for place in 0..<8 { value |= UInt64(bytes[at + place]) << UInt64(place * 8) }
            at += 8
        } else {
            for place in 0..<8 { value |= UInt64(try byte()) << UInt64(place * 8) }
        }
        return value
    }

    mutating func half() throws(TapeEnd) -> UInt32 {
        var value: UInt32 = 0
        for place in 0..<4 { value |= UInt32(try byte()) << UInt32(place * 8) }
        return value
    }

    mutating func content() throws(TapeEnd) -> [UInt8] {
        let length = try number()
        var left = Int(clamping: length)
        var result: [UInt8] = []
        while left > 0 {
            while at == bytes.count { try turnPage() }
            let count = min(left, bytes.count - at)
            result += bytes[at..<at + count]
            at += count
            left -= count
        }
        return result
    }

    mutating func text() throws(TapeEnd) -> String {
        String(decoding: try content(), as: UTF8.self)
    }

    func malformed(_ expected: String, _ found: String) -> TapeEnd {
        .malformed(place: place, "expected \(expected), found \(found)")
    }

    // MARK: Records

    /// The next record; nil at the end, for which there is ``end`` then.
    mutating func next() -> TapeRecord? {
        guard end == nil else { return nil }
        let start = self
        do throws(TapeEnd) {
            let tag = try byte()
            guard let kind = TapeKind(rawValue: tag >> 3) else {
                throw malformed("a record's tag", "\(tag)")
            }
            depth = Int(tag & 7)
            let record = try record(kind)
            if case .name(let name) = record { names.append(name) }
            if case .input(.time(let time), _) = record { last = time }
            return record
        } catch {
            // A record that was cut by the end was never made good as a whole.
            self = start
            end = error
            return nil
        }
    }
}

/// Why there are no more records.
enum TapeEnd: Error {
    /// Nothing more was written.
    case ended
    /// The last block is not whole: it was being written when the machine went down.
    case torn(block: UInt64, String)
    /// A block in the middle is not as it was written.
    case damaged(block: UInt64, String)
    /// Something that this version does not write.
    case malformed(place: String, String)
}
