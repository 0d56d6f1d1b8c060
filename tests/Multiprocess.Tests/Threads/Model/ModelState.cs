using System.Text;

namespace Multiprocess.Tests.Threads.Model;

/// <summary>Where a modelled thread is. Each place is left by one atomic step.</summary>
internal enum Place : byte
{
    /// <summary>Makes no call now; may make its next one.</summary>
    Idle,

    /// <summary>A worker that was not started yet.</summary>
    Unborn,

    /// <summary>Runs a method of the user, for as long as that likes.</summary>
    InUserCode,

    /// <summary>About to look, under the gate, whether its wait is over.</summary>
    Look,

    /// <summary>Only with <see cref="Mutation.LookOutsideGate"/>: has looked, and lists itself now.</summary>
    ListBlindly,

    /// <summary>Listed, about to go to sleep.</summary>
    Park,

    /// <summary>Asleep until there is a permit.</summary>
    Asleep,

    /// <summary>Holds the role, about to receive or blocked in it.</summary>
    Receive,

    /// <summary>Holds the role and has received: about to hand out under the gate.</summary>
    HandOut,

    /// <summary>As <see cref="HandOut"/>, when nothing could be received without blocking.</summary>
    HandOutNothing,

    /// <summary>Wakes others, then looks again.</summary>
    WakeThenLook,

    /// <summary>Wakes others, then sleeps.</summary>
    WakeThenPark,

    /// <summary>Wakes others, then leaves the wait.</summary>
    WakeThenLeave,

    /// <summary>Will never wait again.</summary>
    Gone,
}

/// <summary>Where the modelled stand-by is.</summary>
internal enum StandByPlace : byte
{
    Begin,
    Top,
    Poll,
    Take,
    Receive,
    HandOut,
    HandOutNothing,
    Wake,
    WakeThenWatch,
    BeginToWatch,
    ParkShortly,
    Look,
    Park,
    Gone,
}

internal enum StandByMode : byte
{
    Polling,
    Watching,
    Asleep,
}

/// <summary>A thread that waits: a client, or the worker.</summary>
internal struct Waiting
{
    public Place Place;

    /// <summary>Where it goes when it leaves the wait.</summary>
    public Place Then;

    public bool IsWaiter;
    public bool IsListed;
    public bool HasPermit;
    public bool IsEnded;

    /// <summary>Which of its calls this is, from 0.</summary>
    public byte Call;

    /// <summary>Whom it is to wake, as bits.</summary>
    public byte ToWake;

    /// <summary>The frames in its mailbox, each a character.</summary>
    public string Mail;

    // Of the interrupt of the first call.
    public bool HasFired;
    public bool IsNudging;
    public bool NudgeWakes;
    public bool IsAbandoned;
}

/// <summary>One state of the model: everything that the gate guards, the transport, and where each thread is.</summary>
internal sealed class ModelState
{
    public const int Nobody = -1;
    public const int StandBy = 7;

    public required Waiting[] Threads { get; init; }

    public int Holder { get; set; } = StandBy;

    /// <summary>The list of parked threads, oldest first, each a digit.</summary>
    public string Parked { get; set; } = "";

    /// <summary>Frames that the transport holds, oldest first.</summary>
    public string Socket { get; set; } = "";

    /// <summary>Frames received and not handed out yet.</summary>
    public string Buffer { get; set; } = "";

    /// <summary>Frames that the peer may still send.</summary>
    public string AtPeer { get; set; } = "";

    /// <summary>Where the thread is that receives from the ring.</summary>
    public RingPlace Receiving { get; set; }

    /// <summary>Where the stand-by is while it polls beside the ring.</summary>
    public RingPlace Polling { get; set; }

    public RingPeer Peer { get; set; }

    /// <summary>The frame that the peer is about to write.</summary>
    public char InHand { get; set; }

    /// <summary>The sign in the ring: a thread waits in the socket.</summary>
    public bool Sign { get; set; }

    /// <summary>Doorbells in the socket.</summary>
    public int Doorbells { get; set; }

    /// <summary>Number of frames in the ring that threads in the socket are not told of.</summary>
    public int Unseen { get; set; }

    public StandByPlace Place { get; set; }

    public StandByMode Mode { get; set; }

    public bool StandByPermit { get; set; }

    public byte StandByToWake { get; set; }

    /// <summary>Somebody asked for a poll since the stand-by looked.</summary>
    public bool PollAsked { get; set; }

    /// <summary>The role has moved since the stand-by looked.</summary>
    public bool RoleMoved { get; set; }

    public bool IsClosed { get; set; }

    public bool IsTransportClosed { get; set; }

    /// <summary>Whom the closing thread is to wake.</summary>
    public byte CloserToWake { get; set; }

    /// <summary>True once a sender has said that it is stalled; it does so once.</summary>
    public bool HasStalled { get; set; }

    public bool StallWakes { get; set; }

    public ModelState Copy() => new()
    {
        Threads = (Waiting[])Threads.Clone(),
        Holder = Holder,
        Parked = Parked,
        Socket = Socket,
        Buffer = Buffer,
        AtPeer = AtPeer,
        Receiving = Receiving,
        Polling = Polling,
        Peer = Peer,
        InHand = InHand,
        Sign = Sign,
        Doorbells = Doorbells,
        Unseen = Unseen,
        Place = Place,
        Mode = Mode,
        StandByPermit = StandByPermit,
        StandByToWake = StandByToWake,
        PollAsked = PollAsked,
        RoleMoved = RoleMoved,
        IsClosed = IsClosed,
        IsTransportClosed = IsTransportClosed,
        CloserToWake = CloserToWake,
        HasStalled = HasStalled,
        StallWakes = StallWakes,
    };

    public void Move(int holder)
    {
        Holder = holder;
        RoleMoved = true;
    }

    /// <summary>Two states are the same when their keys are.</summary>
    public string Key()
    {
        var key = new StringBuilder(64);
        key
            .Append((char)(Holder + 1))
            .Append((char)Place)
            .Append((char)Mode)
            .Append((char)StandByToWake)
            .Append((char)CloserToWake)
            .Append((char)Receiving)
            .Append((char)Polling)
            .Append((char)Peer)
            .Append(InHand)
            .Append((char)(Doorbells | (Unseen << 4) | (Sign ? 256 : 0)))
            .Append(Bits(StandByPermit, PollAsked, RoleMoved, IsClosed, IsTransportClosed, HasStalled, StallWakes))
            .Append(Parked).Append('|').Append(Socket).Append('|').Append(Buffer).Append('|').Append(AtPeer);
        foreach (ref Waiting thread in Threads.AsSpan())
        {
            key
                .Append('|')
                .Append((char)thread.Place)
                .Append((char)thread.Then)
                .Append((char)thread.Call)
                .Append((char)thread.ToWake)
                .Append(
                    Bits(
                        thread.IsWaiter,
                        thread.IsListed,
                        thread.HasPermit,
                        thread.IsEnded,
                        thread.HasFired,
                        thread.IsNudging,
                        thread.NudgeWakes))
                .Append(thread.IsAbandoned ? '1' : '0')
                .Append(thread.Mail);
        }

        return key.ToString();
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(
            $"role {(Holder == Nobody ? "free" : Holder == StandBy ? "with the stand-by" : $"with {Holder}")}, "
                + $"stand-by {Mode} at {Place}, socket '{Socket}', buffer '{Buffer}', parked "
                + $"'{Parked}'{(IsClosed ? ", closed" : "")}, receiving at {Receiving}, polling at {Polling}, peer "
                + $"{Peer}, sign {Sign}, {Doorbells} doorbells, {Unseen} unseen");
        for (int i = 0; i < Threads.Length; i++)
        {
            Waiting thread = Threads[i];
            text.Append(
                $"; {i} at "
                    + $"{thread.Place}{(thread.IsWaiter ? " waiter" : "")}{(thread.HasPermit ? " permit" : "")}{(thread.HasFired ? " fired" : "")} mail '{thread.Mail}'");
        }

        return text.ToString();
    }

    private static char Bits(params ReadOnlySpan<bool> bits)
    {
        int value = 0;
        foreach (bool bit in bits)
        {
            value = (value << 1) | (bit ? 1 : 0);
        }

        return (char)value;
    }
}
