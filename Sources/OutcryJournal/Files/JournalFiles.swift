import Glibc
public import OutcryKernel

/// A journal in its files, to be read.
@safe public final class JournalFiles {
    /// The program that was recorded.
    public let program: String
    /// When the recording began.
    public let began: WallTime
    /// Where the first file is.
    public let path: String
    /// How many files there are.
    public var partCount: Int { parts.count }
    package let blockSize: Int
    package let cipher: BlockCipher?

    @safe private struct Part {
        let memory: UnsafeMutableRawPointer
        let size: Int
        let firstBlock: UInt64
        let blocks: UInt64
    }
    private var parts: [Part] = []

    /// Opens a journal: the first file and all that belong to it.
    ///
    /// - Parameter key: What it was hidden with, if it was.
    /// - Throws: When there is none, a file's head is not that of a journal, or the key is another.
    public init(reading path: String, key: JournalKey? = nil) throws(SystemError) {
        self.path = path
        let (first, header) = try Self.open(path)
        parts = [first]
        cipher = try Self.cipher(header, key, path)
        program = header.name
        began = WallTime(microseconds: header.wall)
        blockSize = header.blockSize
        while true {
            let next = JournalPart.path(path, parts.count)
            guard unsafe access(next, F_OK) == 0 else { break }
            let (part, found) = try Self.open(next)
            parts.append(part)
            guard found.journal == header.journal, Int(found.part) == parts.count - 1,
                found.blockSize == blockSize
            else {
                throw SystemError(
                    call: "read \(next)", code: EINVAL,
                    message: "expected part \(parts.count - 1) of the journal "
                        + "\(String(header.journal, radix: 16)), found part \(found.part) of "
                        + String(found.journal, radix: 16))
            }
        }
    }

    deinit {
        for part in parts { _ = unsafe munmap(part.memory, part.size) }
    }

    private static func cipher(
        _ header: JournalHeader, _ key: JournalKey?, _ path: String
    ) throws(SystemError) -> BlockCipher? {
        guard !header.salt.isEmpty else { return nil }
        guard let key else {
            throw SystemError(
                call: "read \(path)", code: EACCES,
                message: "expected the key of an encrypted journal, found none")
        }
        let made = try key.cipher(header.salt)
        guard made.check == header.check else {
            throw SystemError(
                call: "read \(path)", code: EACCES,
                message: "expected the key it was encrypted with, found another")
        }
        return made.cipher
    }

    private static func open(_ path: String) throws(SystemError) -> (Part, JournalHeader) {
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemError(last: "open \(path)") }
        defer { _ = close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw SystemError(last: "fstat \(path)") }
        let size = Int(status.st_size)
        guard size >= TapeFormat.headerSize else {
            throw SystemError(
                call: "read \(path)", code: EINVAL,
                message: "expected a journal of at least \(TapeFormat.headerSize) bytes, "
                    + "found \(size)")
        }
        let memory = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            throw SystemError(last: "mmap \(path)")
        }
        do throws(SystemError) {
            let header = try JournalHeader(
                unsafe Array(UnsafeRawBufferPointer(start: memory, count: TapeFormat.headerSize)),
                path)
            let blocks =
                max(0, size - JournalPart.offset(0, header.blockSize)) / header.blockSize
            return (
                unsafe Part(
                    memory: memory, size: size, firstBlock: header.firstBlock,
                    blocks: UInt64(blocks)), header
            )
        } catch {
            _ = unsafe munmap(memory, size)
            throw error
        }
    }
}

extension JournalFiles: BlockSource {
    package var name: String { path }
    /// With the last block of each part, which may have been being written.
    package var blockCount: UInt64 { parts.last.map { $0.firstBlock + $0.blocks + 1 } ?? 0 }

    package func withBlock<R>(_ number: UInt64, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        guard let part = parts.last(where: { $0.firstBlock <= number }) else { return nil }
        let index = number - part.firstBlock
        guard index <= part.blocks else { return nil }
        // One that was not wholly put into its place is still where it was written.
        if hasDesk(part, number) {
            return unsafe body(
                UnsafeRawBufferPointer(
                    start: part.memory + JournalPart.desk(blockSize),
                    count: min(blockSize, part.size - JournalPart.desk(blockSize))))
        }
        let offset = JournalPart.offset(Int(index), blockSize)
        guard offset < part.size else { return nil }
        return unsafe body(
            UnsafeRawBufferPointer(
                start: part.memory + offset, count: min(blockSize, part.size - offset)))
    }

    /// Whether the block that was being written is this one.
    private func hasDesk(_ part: Part, _ number: UInt64) -> Bool {
        let start = JournalPart.desk(blockSize)
        guard part.size >= start + TapeFormat.blockHead else { return false }
        func word(_ offset: Int) -> UInt64 {
            UInt64(
                littleEndian: unsafe part.memory.load(
                    fromByteOffset: start + offset, as: UInt64.self))
        }
        return word(0) == number && (word(32) != 0 || word(48) != 0)
    }
}

extension Replay {
    /// Plays back the files of a journal.
    public convenience init(
        _ journal: JournalFiles, _ options: ReplayOptions = ReplayOptions(),
        emit: @escaping (String) -> Void = { _ in }
    ) { self.init(reading: journal, options, emit: emit) }
}
