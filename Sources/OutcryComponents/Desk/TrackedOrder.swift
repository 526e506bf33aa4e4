import OutcryKernel
import OutcryMarket

extension OrderDeskMachine {
    /// What is known of one order, where it stands: a machine's own, changed in place.
    ///
    /// Memory of its own and not an object, which everybody who looks at it would hold once more: some thirty times in an
    /// order's life. The machine makes it, gives it back when it forgets the order, and keeps nobody's place but a slot.
    @safe @dynamicMemberLookup struct Tracked: Equatable {
        struct Facts {
            var order: Order
            /// The request was made by this desk, at this time of the venue's clock or later, µs since 1970.
            let sent: Int64?
            /// What came to be tracked earlier has a lower one.
            var number = 0
            /// It has not been answered.
            var isUnanswered: Bool
            /// When it was made by the venue's clock, µs since 1970; 0 if not told.
            var created: Int64 = 0
            /// It cannot come into being any more after this, if nobody knows whether it has.
            var settled: KernelTime?
            /// A predecessor placed it, who may have cancelled it and died before that was written.
            var isInherited = false
            var wantsCancel = false
            var cancelIsOut = false
            /// In units of the base: of what is filled, how much has been told as fills.
            var told: Int64 = 0
            var isAskedAbout = false
            /// Its cancellation was pointless: it is over, though nobody has told that.
            var hasEndedUnheard = false
            /// Trades of it may have been missed, or may be another order's: what it owes is told by the venue alone,
            /// by the order's name.
            var lacksTrades = false
            /// The round of effects in which it was last told.
            var toldIn = 0
            /// The place of that effect.
            var toldAt = 0
            /// The number of the last ``OrderDeskMachine/questions`` before it was placed or heard of.
            var epoch: Int
        }

        // Allocated and initialized in `init`, given back by `release`, after which no slot has it.
        private let facts: UnsafeMutablePointer<Facts>

        init(_ order: Order, sent: Int64? = nil, isUnanswered: Bool, epoch: Int) {
            unsafe facts = .allocate(capacity: 1)
            unsafe facts.initialize(
                to: Facts(order: order, sent: sent, isUnanswered: isUnanswered, epoch: epoch))
        }

        /// Gives the memory back.
        func release() {
            unsafe facts.deinitialize(count: 1)
            unsafe facts.deallocate()
        }

        /// Whether it is the same one.
        static func == (one: Self, other: Self) -> Bool { unsafe one.facts == other.facts }

        /// One of the facts, where it stands.
        subscript<Value>(dynamicMember fact: WritableKeyPath<Facts, Value>) -> Value {
            @inline(__always) _read { yield unsafe facts.pointee[keyPath: fact] }
            @inline(__always) nonmutating _modify { yield unsafe &facts.pointee[keyPath: fact] }
        }

        /// One of the facts that never change.
        subscript<Value>(dynamicMember fact: KeyPath<Facts, Value>) -> Value {
            @inline(__always) _read { yield unsafe facts.pointee[keyPath: fact] }
        }
    }
}
