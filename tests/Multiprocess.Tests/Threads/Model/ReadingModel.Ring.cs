namespace Multiprocess.Tests.Threads.Model;

/// <content>
/// The transport when the peer's stream is in a ring: <c>RingWaiters</c>, <c>ReceivingDirection</c> and the peer's
/// <c>SendingDirection</c>.
/// </content>
/// <remarks>
/// One step is one access to a word that both processes change, one hold of the lock of <c>RingWaiters</c>, or one
/// system call on the socket. In this mode <see cref="ModelState.Socket"/> is the ring, and
/// <see cref="ModelState.Doorbells"/> is what the socket holds. Not in it: a full ring, whose waiting sender looks
/// again after a few milliseconds; moves between socket and ring; descriptors.
/// </remarks>
internal sealed partial class ReadingModel
{
    private const int MaxDoorbells = 3;

    /// <summary>True when the peer sends through a ring.</summary>
    public bool IsOverRing { get; init; }

    private static bool IsCounted(RingPlace place) => place is RingPlace.Look or RingPlace.Blocked or RingPlace.End;

    /// <summary>True when a thread waits in the socket for a doorbell.</summary>
    private static bool HasWaiters(ModelState state) => IsCounted(state.Receiving) || IsCounted(state.Polling);

    /// <summary>The steps of the thread that receives.</summary>
    /// <param name="state">The state before them.</param>
    /// <param name="mayBlock">Whether the thread may block in the socket.</param>
    /// <param name="who">The thread.</param>
    /// <param name="received">Moves the thread on when it has received, or when the stream has ended.</param>
    /// <param name="foundNothing">Moves the thread on when it would have to block.</param>
    /// <param name="steps">Where the steps go.</param>
    private void AddRingReceive(
        ModelState state,
        bool mayBlock,
        string who,
        Action<ModelState> received,
        Action<ModelState> foundNothing,
        List<ModelStep> steps)
    {
        switch (state.Receiving)
        {
            case RingPlace.Start:
                Add("begins to receive", next =>
                {
                    if (next.IsTransportClosed)
                    {
                        received(next);
                        return;
                    }

                    bool mustArm = next.Unseen == 0 && HasWaiters(next) && Mutation != Mutation.RingIsNotArmed;
                    next.Receiving = mustArm ? RingPlace.Arm : RingPlace.Read;
                });
                break;
            case RingPlace.Arm:
                Add("sets the sign for others", next =>
                {
                    bool mustCount = HasWaiters(next);
                    next.Sign |= mustCount;
                    next.Receiving = mustCount ? RingPlace.Count : RingPlace.Read;
                });
                break;
            case RingPlace.Count:
                Add("counts what others are not told of", next =>
                {
                    next.Unseen = Mutation == Mutation.RingForgetsUnseen ? 0 : next.Socket.Length;
                    next.Receiving = RingPlace.Read;
                });
                break;
            case RingPlace.Read when state.Socket == "":
                Add("finds the ring empty", next =>
                {
                    next.Unseen = 0;
                    next.Receiving = mayBlock ? RingPlace.Begin : RingPlace.TakeDoorbell;
                });
                break;
            case RingPlace.Read:
                // All that is there, or only the first frame.
                for (int count = 1; count <= state.Socket.Length; count += Math.Max(1, state.Socket.Length - 1))
                {
                    int taken = count;
                    Add($"reads {count} from the ring", next =>
                    {
                        Take(next, taken);
                        next.Receiving = RingPlace.Start;
                        received(next);
                    });
                }

                break;
            case RingPlace.TakeDoorbell:
                Add("receives from the socket", next =>
                {
                    bool hasDoorbells = next.Doorbells > 0;
                    next.Doorbells = 0;
                    next.Receiving = RingPlace.Start;
                    if (!hasDoorbells && !next.IsTransportClosed)
                    {
                        foundNothing(next);
                    }
                });
                break;
            case RingPlace.Begin:
                Add("counts itself and sets the sign", next =>
                {
                    next.Sign = true;
                    next.Receiving = RingPlace.Look;
                });
                break;
            case RingPlace.Look:
                Add("looks into the ring", next =>
                {
                    bool sees = next.Socket != "" && Mutation != Mutation.RingIsNotLookedInto;
                    next.Receiving = sees ? RingPlace.End : RingPlace.Blocked;
                });
                break;
            case RingPlace.Blocked when state.Doorbells > 0 || state.IsTransportClosed:
                Add("wakes in the socket", next =>
                {
                    next.Doorbells = 0;
                    next.Receiving = RingPlace.End;
                });
                break;
            case RingPlace.End:
                Add("waits no more", next =>
                {
                    next.Receiving = RingPlace.Start;
                    EndRingWait(next);
                });
                break;
        }

        void Add(string what, Action<ModelState> change)
        {
            ModelState next = state.Copy();
            change(next);
            steps.Add(new ModelStep($"{who} {what}", next, IsFromOutside: false));
        }
    }

    /// <summary>The steps of the stand-by while it polls. It takes no doorbell.</summary>
    private void AddRingPoll(ModelState state, List<ModelStep> steps)
    {
        switch (state.Polling)
        {
            case RingPlace.Start:
                Add("counts itself and sets the sign", next =>
                {
                    next.Sign = true;
                    next.Polling = RingPlace.Look;
                });
                break;
            case RingPlace.Look:
                Add("looks into the ring", next => next.Polling
                    = next.IsTransportClosed || (next.Socket != "" && Mutation != Mutation.RingIsNotLookedInto)
                        ? RingPlace.End
                        : RingPlace.Blocked);
                break;
            case RingPlace.Blocked when state.Doorbells > 0 || state.IsTransportClosed:
                Add("sees a doorbell", next => next.Polling = RingPlace.End);
                break;
            case RingPlace.End:
                Add("polls no more", next =>
                {
                    next.Polling = RingPlace.Start;
                    next.Place = StandByPlace.Take;
                    EndRingWait(next);
                });
                break;
        }

        void Add(string what, Action<ModelState> change)
        {
            ModelState next = state.Copy();
            change(next);
            steps.Add(new ModelStep($"stand-by {what}", next, IsFromOutside: false));
        }
    }

    /// <summary>The steps of the peer after it has written a frame into the ring.</summary>
    private static void AddStepsOfRingingPeer(ModelState state, List<ModelStep> steps)
    {
        if (state.Peer == RingPeer.HasWritten)
        {
            ModelState next = state.Copy();
            next.Peer = next.Sign ? RingPeer.IsToRing : RingPeer.Idle;
            next.Sign = false;
            steps.Add(new ModelStep("peer takes the sign", next, IsFromOutside: false));
        }
        else if (state.Peer is RingPeer.HasSeenSign or RingPeer.HasSeenNoSign)
        {
            ModelState next = state.Copy();
            next.Socket += next.InHand;
            next.Sign &= next.Peer == RingPeer.HasSeenNoSign;
            next.Peer = next.Peer == RingPeer.HasSeenSign ? RingPeer.IsToRing : RingPeer.Idle;
            steps.Add(new ModelStep("peer writes", next, IsFromOutside: false));
        }
        else if (state.Peer == RingPeer.IsToRing)
        {
            ModelState next = state.Copy();
            next.Peer = RingPeer.Idle;
            next.Doorbells = Math.Min(next.Doorbells + 1, MaxDoorbells);
            steps.Add(new ModelStep("peer rings", next, IsFromOutside: false));
        }
    }

    /// <summary>The peer writes a frame into the ring; only by mistake it first looks at the sign.</summary>
    private void WriteIntoRing(ModelState state, char frame)
    {
        if (Mutation == Mutation.RingPeerLooksBeforeItWrites)
        {
            state.InHand = frame;
            state.Peer = state.Sign ? RingPeer.HasSeenSign : RingPeer.HasSeenNoSign;
            return;
        }

        state.Socket += frame;
        state.Peer = RingPeer.HasWritten;
    }

    /// <summary>
    /// The holder reads, while it hands out, what polling threads are not told of. Only the holder and the peer change
    /// the ring, and the holder reads until it has all of it.
    /// </summary>
    private static bool FillUnseen(ModelState state)
    {
        if (state.Unseen == 0 || state.Socket == "" || state.IsTransportClosed)
        {
            state.Unseen = 0;
            return false;
        }

        Take(state, state.Socket.Length);
        return true;
    }

    private static void Take(ModelState state, int count)
    {
        state.Buffer += state.Socket[..count];
        state.Socket = state.Socket[count..];
        state.Unseen = Math.Max(0, state.Unseen - count);
    }

    private void EndRingWait(ModelState state)
    {
        if (!HasWaiters(state) || Mutation == Mutation.RingSignIsClearedForAll)
        {
            state.Sign = false;
        }
    }
}

/// <summary>Where a thread is that receives from a ring, or waits for one.</summary>
internal enum RingPlace : byte
{
    Start,

    /// <summary>About to set the sign again for threads that wait in the socket.</summary>
    Arm,

    /// <summary>About to read how much is in the ring that those threads are not told of.</summary>
    Count,

    /// <summary>About to read from the ring.</summary>
    Read,

    /// <summary>About to take doorbells without blocking.</summary>
    TakeDoorbell,

    /// <summary>About to count itself and to set the sign.</summary>
    Begin,

    /// <summary>Counted; about to look into the ring.</summary>
    Look,

    /// <summary>Counted, and blocked in the socket.</summary>
    Blocked,

    /// <summary>Counted; about to end its wait.</summary>
    End,
}

/// <summary>Where the peer is that writes into a ring.</summary>
internal enum RingPeer : byte
{
    Idle,

    /// <summary>About to take the sign.</summary>
    HasWritten,

    /// <summary>Has taken the sign, about to ring.</summary>
    IsToRing,

    /// <summary>Only by mistake: has seen the sign, and is about to write.</summary>
    HasSeenSign,

    /// <summary>Only by mistake: has seen that the sign is not set, and is about to write.</summary>
    HasSeenNoSign,
}
