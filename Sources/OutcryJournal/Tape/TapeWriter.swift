package import OutcryKernel

/// Where a journal's blocks go.
///
/// It gives memory in which the next block is written; that belongs to the writer until it asks for
/// another.
package protocol BlockSink: AnyObject {
    /// The size of its blocks, in bytes.
    var blockSize: Int { get }
    /// What hides their bytes; nil: nothing.
    var cipher: BlockCipher? { get }
    /// Memory for the next block, all zero; nil: there is none, and the journal ends here.
    func nextBlock(_ number: UInt64) -> UnsafeMutableRawPointer?
    /// Nothing more is written into the last block for now; what lies behind it may be given back.
    func rest()
    /// Why there is no next block; nil where there is, or where there is merely no more room.
    var failure: SystemError? { get }
}

extension BlockSink {
    package var cipher: BlockCipher? { nil }
}

/// Writes records into blocks. One memory copy a record, nothing allocated but by the sink.
@safe final class TapeWriter {
    // Without the run-time check of accesses: it cost 100 instructions a record.
    private let sink: any BlockSink
    private let size: Int
    private let cipher: BlockCipher?
    /// Where blocks are written that are hidden before they go to the sink's memory.
    private let draft: UnsafeMutableRawPointer?
    @exclusivity(unchecked) private var block: UnsafeMutableRawPointer
    @exclusivity(unchecked) private var at: UnsafeMutableRawPointer
    @exclusivity(unchecked) private var end: UnsafeMutableRawPointer
    /// The sink's memory: the same, but where there is a cipher.
    @exclusivity(unchecked) private var page: UnsafeMutableRawPointer
    /// Up to where the bytes have been hidden.
    @exclusivity(unchecked) private var hidden: UnsafeMutableRawPointer
    @safe @exclusivity(unchecked) private var hash = BlockHash()
    @safe @exclusivity(unchecked) private var firstRecord: Int?
    @safe @exclusivity(unchecked) private var place = 0
    /// Where bytes go that nobody wants: after the sink's end, and before its first block.
    private let waste: UnsafeMutableRawPointer
    @safe @exclusivity(unchecked) private(set) var blocks: UInt64 = 0
    /// The sink has ended the journal.
    @safe @exclusivity(unchecked) private(set) var isOver = false
    /// Why it is over.
    var failure: SystemError? { sink.failure }
    @safe @exclusivity(unchecked) private(set) var inputs: UInt64 = 0
    @safe @exclusivity(unchecked) private(set) var events: UInt64 = 0
    /// Of all events so far.
    @safe @exclusivity(unchecked) private(set) var dispatchHash: UInt64 = 0

    init(_ sink: any BlockSink) {
        self.sink = sink
        size = sink.blockSize
        cipher = sink.cipher
        unsafe draft =
            cipher == nil ? nil : .allocate(byteCount: size, alignment: 64)
        unsafe waste = .allocate(byteCount: size, alignment: 64)
        unsafe block = waste
        unsafe page = waste
        unsafe end = waste + size
        unsafe at = unsafe end
        unsafe hidden = unsafe end
    }

    deinit {
        unsafe waste.deallocate()
        unsafe draft?.deallocate()
    }

    // MARK: Blocks

    /// Begins the next block; the last one is whole.
    @inline(never) private func turnPage() {
        if unsafe block != waste { publish(isClosed: true) }
        if !isOver, let next = unsafe sink.nextBlock(blocks) {
            unsafe page = unsafe next
            unsafe block = draft ?? next
            cipher?.begin(blocks)
            store(blocks, 0)
            blocks += 1
        } else {
            isOver = true
            unsafe page = waste
            unsafe block = waste
        }
        store(inputs, 8)
        store(events, 16)
        store(dispatchHash, 24)
        unsafe at = block + TapeFormat.blockHead
        unsafe end = block + size
        unsafe hidden = unsafe at
        hash = BlockHash()
        firstRecord = nil
        place = 0
    }

    private func store(_ word: UInt64, _ offset: Int) {
        unsafe page.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// Makes everything up to here good: whatever happens to the process, it is in the journal.
    func publish(isClosed: Bool = false) {
        guard unsafe block != waste else { return }
        let length = unsafe at - block - TapeFormat.blockHead
        if let cipher {
            unsafe cipher.apply(hidden, to: page + (hidden - block), count: at - hidden)
            unsafe hidden = unsafe at
        }
        let content = unsafe page + TapeFormat.blockHead
        unsafe hash.add(content, total: length)
        let bytes = unsafe hash.value(content, total: length)
        let facts =
            UInt64(length) | (isClosed ? TapeFormat.closed : 0)
            | UInt64(firstRecord ?? 0xffff_ffff) &<< 32
        let offset = 32 + place * 16
        store(facts, offset)
        store(unsafe Self.sealed(page, facts, bytes), offset + 8)
        place = 1 - place
    }

    /// The hash of a block's head and its bytes' hash.
    static func sealed(_ block: UnsafeRawPointer, _ facts: UInt64, _ bytes: UInt64) -> UInt64 {
        var hash: UInt64 = 0
        for word in 0..<4 {
            hash = BlockHash.step(
                hash,
                UInt64(littleEndian: unsafe block.load(fromByteOffset: word * 8, as: UInt64.self)))
        }
        return BlockHash.step(BlockHash.step(hash, facts), bytes)
    }

    /// Nothing comes for now. What comes then begins a new block.
    func rest() {
        publish(isClosed: true)
        guard unsafe block != waste else { return }
        unsafe at = unsafe end
        unsafe block = waste
        unsafe page = waste
        sink.rest()
    }

    // MARK: Records

    /// Begins a record.
    @inline(__always) func begin(_ kind: TapeKind, _ depth: Int) {
        if unsafe at == end { turnPage() }
        if firstRecord == nil {
            firstRecord = unsafe at - block - TapeFormat.blockHead
        }
        put(kind.rawValue &<< 3 | UInt8(truncatingIfNeeded: min(depth, 7)))
    }

    @inline(__always) func put(_ byte: UInt8) {
        if unsafe at == end { turnPage() }
        unsafe at.storeBytes(of: byte, as: UInt8.self)
        unsafe at += 1
    }

    /// LEB128.
    @inline(__always) func put(_ number: UInt64) {
        var number = number
        while number >= 0x80 {
            put(UInt8(truncatingIfNeeded: number) | 0x80)
            number &>>= 7
        }
        put(UInt8(truncatingIfNeeded: number))
    }

    /// Zigzag.
    @inline(__always) func put(_ number: Int64) {
        put(UInt64(bitPattern: number &<< 1 ^ number &>> 63))
    }

    @inline(__always) func putWord(_ word: UInt64) {
        if unsafe end - at >= 8 {
            unsafe at.storeBytes(of: word.littleEndian, as: UInt64.self)
            unsafe at += 8
        } else {
            for shift in 0..<8 { put(UInt8(truncatingIfNeeded: word &>> UInt64(shift &* 8))) }
        }
    }

    @inline(__always) func putHalf(_ word: UInt32) {
        if unsafe end - at >= 4 {
            unsafe at.storeBytes(of: word.littleEndian, as: UInt32.self)
            unsafe at += 4
        } else {
            for shift in 0..<4 { put(UInt8(truncatingIfNeeded: word &>> UInt32(shift &* 8))) }
        }
    }

    func put(_ bytes: UnsafeRawBufferPointer) {
        var left = bytes.count
        guard var from = bytes.baseAddress else { return }
        while left > 0 {
            if unsafe at == end { turnPage() }
            let count = unsafe min(left, end - at)
            unsafe at.copyMemory(from: from, byteCount: count)
            unsafe at += count
            unsafe from += count
            left -= count
        }
    }

    func put(_ bytes: Span<UInt8>) {
        put(UInt64(bytes.count))
        unsafe bytes.withUnsafeBytes { unsafe put($0) }
    }

    func put(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            put(UInt64(bytes.count))
            unsafe put(UnsafeRawBufferPointer(bytes))
        }
    }

    // MARK: Counts

    func countInput() { inputs &+= 1 }

    @inline(__always) func putEvent(_ event: TapeEvent) {
        putWord(event.word)
        dispatchHash = BlockHash.step(dispatchHash, event.word)
        events &+= 1
    }
}
