import Glibc
import OutcryKernel

/// The first page of each file.
struct JournalHeader: Equatable {
    var blockSize: Int
    var part: UInt32
    var journal: UInt64
    var firstBlock: UInt64
    var wall: Int64
    var name: String
    /// Of a journal that is hidden: the salt and the proof of its key.
    var salt: [UInt8] = []
    var check: UInt64 = 0

    /// The page's bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func put(_ number: UInt64, _ count: Int) {
            for place in 0..<count {
                bytes.append(UInt8(truncatingIfNeeded: number >> (place * 8)))
            }
        }
        put(TapeFormat.magic, 8)
        put(UInt64(blockSize), 4)
        put(UInt64(part), 4)
        put(journal, 8)
        put(firstBlock, 8)
        put(UInt64(bitPattern: wall), 8)
        let name = Array(name.utf8.prefix(TapeFormat.mostName))
        put(UInt64(name.count), 2)
        bytes += name
        bytes += [UInt8](repeating: 0, count: 248 - bytes.count)
        put(salt.isEmpty ? 0 : 1, 8)
        bytes += salt.isEmpty ? [UInt8](repeating: 0, count: 16) : salt
        put(check, 8)
        put(BlockHash.of(bytes.span), 8)
        bytes += [UInt8](repeating: 0, count: TapeFormat.headerSize - bytes.count)
        return bytes
    }

    init(
        blockSize: Int, part: UInt32, journal: UInt64, firstBlock: UInt64, wall: Int64,
        name: String
    ) {
        self.blockSize = blockSize
        self.part = part
        self.journal = journal
        self.firstBlock = firstBlock
        self.wall = wall
        self.name = name
    }

    /// Reads a file's first page.
    ///
    /// - Throws: What was expected and what was found.
    init(_ bytes: [UInt8], _ path: String) throws(SystemError) {
        func wrong(_ expected: String, _ found: String) -> SystemError {
            SystemError(
                call: "read \(path)", code: EINVAL,
                message: "expected \(expected), found \(found)")
        }
        guard bytes.count >= TapeFormat.headerHashed + 8 else {
            throw wrong("a journal", "\(bytes.count) bytes")
        }
        func number(_ at: Int, _ count: Int) -> UInt64 {
            var value: UInt64 = 0
            for place in 0..<count { value |= UInt64(bytes[at + place]) << UInt64(place * 8) }
            return value
        }
        guard number(0, 8) == TapeFormat.magic else {
            throw wrong("a journal, \"OUTCRYJ2\" at offset 0", "something else")
        }
        let sum = BlockHash.of(bytes.span.extracting(..<TapeFormat.headerHashed))
        let seal = number(TapeFormat.headerHashed, 8)
        guard sum == seal else {
            throw wrong(
                "checksum \(String(seal, radix: 16)) of the head at offset 0",
                String(sum, radix: 16))
        }
        blockSize = Int(number(8, 4))
        part = UInt32(number(12, 4))
        journal = number(16, 8)
        firstBlock = number(24, 8)
        wall = Int64(bitPattern: number(32, 8))
        let length = min(Int(number(40, 2)), TapeFormat.mostName)
        name = String(decoding: bytes[42..<42 + length], as: UTF8.self)
        if number(248, 8) == 1 {
            salt = Array(bytes[256..<272])
            check = number(272, 8)
        }
        guard blockSize >= 4096, blockSize & (blockSize - 1) == 0 else {
            throw wrong("blocks of a power of two, 4,096 bytes or more", "\(blockSize)")
        }
    }
}

/// The files of a journal, by number.
enum JournalPart {
    static func path(_ path: String, _ part: Int) -> String {
        part == 0 ? path : "\(path).\(part)"
    }

    /// Where the block of a part's index lies: behind the head's place and that of the block that is being written.
    static func offset(_ index: Int, _ blockSize: Int) -> Int { (index + 2) * blockSize }

    /// Where the block lies that is being written.
    static func desk(_ blockSize: Int) -> Int { blockSize }
}

extension SystemError {
    /// The last error of this thread.
    init(last call: String) {
        let code = errno
        // Sound: the text is copied at once; glibc's is a constant for every error it knows.
        self.init(
            call: call, code: code,
            message: unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)")
    }
}
