package import OutcryKernel

/// A journal in memory: for tests and simulations.
@safe public final class JournalMemory {
    package let blockSize: Int
    private var memory: [UnsafeMutableRawPointer] = unsafe []

    /// Makes room for a journal that has not begun.
    ///
    /// - Parameter blockSize: In bytes, a power of two, at least 4,096.
    public init(blockSize: Int = 1 << 16) {
        precondition(
            blockSize >= 4096 && blockSize & (blockSize - 1) == 0,
            "a block's size is a power of two, 4,096 bytes or more")
        self.blockSize = blockSize
    }

    deinit {
        for place in unsafe memory.indices { unsafe memory[place].deallocate() }
    }

    /// The bytes of all blocks.
    public var bytes: [UInt8] {
        var all: [UInt8] = []
        for place in unsafe memory.indices {
            unsafe all.append(
                contentsOf: UnsafeRawBufferPointer(start: memory[place], count: blockSize))
        }
        return all
    }

    /// Makes a journal of bytes that ``bytes`` gave.
    public convenience init(_ bytes: [UInt8], blockSize: Int = 1 << 16) {
        self.init(blockSize: blockSize)
        var at = 0
        while at < bytes.count {
            let count = min(blockSize, bytes.count - at)
            guard let block = unsafe nextBlock(UInt64(memory.count)) else { return }
            unsafe bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                unsafe block.copyMemory(from: base + at, byteCount: count)
            }
            at += count
        }
    }
}

extension JournalMemory: BlockSink {
    package var failure: SystemError? { nil }
    package func nextBlock(_ number: UInt64) -> UnsafeMutableRawPointer? {
        let block = UnsafeMutableRawPointer.allocate(byteCount: blockSize, alignment: 64)
        unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: blockSize)
        unsafe memory.append(block)
        return unsafe block
    }

    package func rest() {}
}

extension JournalMemory: BlockSource {
    package var cipher: BlockCipher? { nil }
    package var name: String { "the journal" }
    package var blockCount: UInt64 { UInt64(unsafe memory.count) }

    package func withBlock<R>(_ number: UInt64, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        guard number < blockCount else { return nil }
        return unsafe body(
            UnsafeRawBufferPointer(start: memory[Int(number)], count: blockSize))
    }
}
