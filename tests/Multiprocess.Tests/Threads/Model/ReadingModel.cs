namespace Multiprocess.Tests.Threads.Model;

/// <summary>
/// The protocol of <c>ReadingRole</c>, <c>StandBy</c> and <c>Parker</c> in the same atomic steps as the code.
/// </summary>
/// <remarks>
/// <para>
/// One step is one hold of the gate, one system call on the transport, one wake-up or one going to sleep. Where the
/// code decides by measured times (whether somebody will be away long, whether a tick went by), the model takes both
/// ways, so that what it shows holds for any times. Not in it: spinning, which only repeats a receive that found
/// nothing; frames that come in pieces; more than one connection; failures in the middle of a step, which tests of the
/// real class cover.
/// </para>
/// <para>
/// With <see cref="IsOverRing"/>, a receive and a poll are not one step but all those of the shared memory.
/// </para>
/// <para>
/// Frames are characters: a digit answers that client, a letter from 'a' calls it back, 'W' is a call for the worker
/// and 'E' its end.
/// </para>
/// </remarks>
internal sealed partial class ReadingModel
{
    private const int MaxInSocket = 3;

    /// <summary>How many calls each client makes, one after the other.</summary>
    public required int[] Calls { get; init; }

    /// <summary>Clients whose first call can be interrupted.</summary>
    public int[] Interruptible { get; init; } = [];

    /// <summary>Clients that are called back in their first call.</summary>
    public int[] CalledBack { get; init; } = [];

    /// <summary>What the peer sends to the worker on its own.</summary>
    public string Unsolicited { get; init; } = "";

    /// <summary>What came in one piece with the peer's Hello.</summary>
    public string Early { get; init; } = "";

    public bool MayClose { get; init; }

    public bool MayStall { get; init; }

    public Mutation Mutation { get; init; }

    private bool HasWorker => (Unsolicited + Early).Contains('W');

    private int Worker => Calls.Length;

    public ModelState Begin()
    {
        var threads = new Waiting[Calls.Length + (HasWorker ? 1 : 0)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i].Mail = "";
            threads[i].Place = i < Calls.Length ? Place.Idle : Place.Unborn;
        }

        return new ModelState
        {
            Threads = threads,
            AtPeer = Unsolicited,
            Buffer = Early,
            Holder = Mutation == Mutation.ReceiveBeforeBuffered ? ModelState.Nobody : ModelState.StandBy,
        };
    }

    public IEnumerable<ModelStep> Steps(ModelState state)
    {
        var steps = new List<ModelStep>();
        for (int i = 0; i < state.Threads.Length; i++)
        {
            AddStepsOf(i, state, steps);
        }

        AddStepsOfStandBy(state, steps);
        AddStepsOfInterrupts(state, steps);
        AddStepsFromOutside(state, steps);
        AddStepsOfRingingPeer(state, steps);
        AddStepsOfClosing(state, steps);
        return steps;
    }

    /// <summary>The rule that does not hold in <paramref name="state"/>, or null.</summary>
    public string? BrokenRule(ModelState state)
    {
        if (state is { Holder: ModelState.Nobody, Mode: StandByMode.Asleep, IsClosed: false })
        {
            return "The role is free and the stand-by asleep.";
        }

        if (state.Place is StandByPlace.Receive or StandByPlace.HandOut or StandByPlace.HandOutNothing
            && state.Holder != ModelState.StandBy)
        {
            return "The stand-by reads without the role.";
        }

        for (int i = 0; i < state.Threads.Length; i++)
        {
            ref Waiting thread = ref state.Threads[i];
            if (thread.Place is Place.Receive or Place.HandOut or Place.HandOutNothing && state.Holder != i)
            {
                return $"Thread {i} reads without the role.";
            }

            if (thread.Place is Place.Idle or Place.Unborn or Place.InUserCode or Place.WakeThenLeave or Place.Gone
                && state.Holder == i)
            {
                return $"Thread {i} has the role and does not wait.";
            }

            if (thread.Place is Place.Park or Place.Asleep or Place.WakeThenPark
                && state.Holder == i
                && thread.Mail != "")
            {
                return $"Thread {i} was given both a frame and the role.";
            }

            if (thread.IsWaiter && thread.Place is not (Place.Park or Place.Asleep or Place.WakeThenPark))
            {
                return $"Thread {i} could be given the role and does not sleep.";
            }
        }

        return null;
    }

    /// <summary>
    /// True when nothing that came is left, all whose wait is over have left, and somebody watches the transport.
    /// </summary>
    public bool IsAtRest(ModelState state)
    {
        if (state.CloserToWake != 0 || state.StallWakes || state.StandByToWake != 0 || state.Peer != RingPeer.Idle)
        {
            return false;
        }

        for (int i = 0; i < state.Threads.Length; i++)
        {
            ref Waiting thread = ref state.Threads[i];
            if (thread.IsNudging || thread.NudgeWakes)
            {
                return false;
            }

            bool rests = thread.Place switch
            {
                Place.Idle or Place.Gone => thread.Mail == "",
                Place.InUserCode => true,
                Place.Unborn => thread.Then != Place.Look,
                Place.Receive
                    => !state.IsClosed && !CanBeInterrupted(thread, i) && RestsInSocket(state, state.Receiving),
                Place.Asleep
                    => !state.IsClosed
                        && !thread.HasPermit
                        && thread.Mail == ""
                        && state.Holder != i
                        && !(thread.HasFired && CanBeInterrupted(thread, i))
                        && !thread.IsEnded,
                _ => false,
            };
            if (!rests)
            {
                return false;
            }
        }

        if (state.IsClosed)
        {
            return state.IsTransportClosed && state.Place == StandByPlace.Gone;
        }

        return state.Socket == "" && state.Buffer == ""
            && (state.Holder == ModelState.Nobody
                ? state.Place == StandByPlace.Poll && RestsInSocket(state, state.Polling)
                : state.Holder != ModelState.StandBy);
    }

    private bool RestsInSocket(ModelState state, RingPlace place)
        => !IsOverRing || (place == RingPlace.Blocked && state.Doorbells == 0);

    private bool CanBeInterrupted(in Waiting thread, int index)
        => thread.Call == 0 && index < Calls.Length && Interruptible.Contains(index);

    private void AddStepsOfInterrupts(ModelState state, List<ModelStep> steps)
    {
        for (int i = 0; i < Calls.Length; i++)
        {
            ref Waiting thread = ref state.Threads[i];
            if (CanBeInterrupted(thread, i) && !thread.HasFired && thread.Place is not (Place.Idle or Place.Gone))
            {
                ModelState fired = state.Copy();
                fired.Threads[i].HasFired = true;
                fired.Threads[i].IsNudging = Mutation != Mutation.InterruptWakesNobody;
                steps.Add(new ModelStep($"{i} is interrupted", fired, IsFromOutside: true));
            }

            if (thread.IsNudging)
            {
                ModelState nudged = state.Copy();
                nudged.Threads[i].IsNudging = false;
                nudged.Threads[i].NudgeWakes = thread.IsWaiter;
                nudged.Threads[i].IsWaiter = false;
                steps.Add(new ModelStep($"{i} is nudged", nudged, IsFromOutside: false));
            }

            if (thread.NudgeWakes)
            {
                ModelState woken = state.Copy();
                woken.Threads[i].NudgeWakes = false;
                Unpark(woken, i);
                steps.Add(new ModelStep($"nudge wakes {i}", woken, IsFromOutside: false));
            }
        }
    }

    private void AddStepsFromOutside(ModelState state, List<ModelStep> steps)
    {
        foreach (char frame in state.AtPeer.Distinct())
        {
            if (state.Socket.Length < MaxInSocket
                && state.Peer == RingPeer.Idle
                && !state.IsClosed
                && (frame != 'E' || !state.AtPeer.Contains('W')))
            {
                ModelState sent = state.Copy();
                sent.AtPeer = sent.AtPeer.Remove(sent.AtPeer.IndexOf(frame), 1);
                if (IsOverRing)
                {
                    WriteIntoRing(sent, frame);
                }
                else
                {
                    sent.Socket += frame;
                }

                steps.Add(new ModelStep($"peer sends '{frame}'", sent, IsFromOutside: true));
            }
        }

        if (MayStall && !state.HasStalled && !state.IsClosed)
        {
            ModelState stalled = state.Copy();
            stalled.HasStalled = true;
            stalled.StallWakes = stalled.Holder == ModelState.Nobody && AskForPoll(stalled);
            steps.Add(new ModelStep("a sender stalls", stalled, IsFromOutside: true));
        }

        if (state.StallWakes)
        {
            ModelState woken = state.Copy();
            woken.StallWakes = false;
            Unpark(woken, ModelState.StandBy);
            steps.Add(new ModelStep("the stalled sender wakes", woken, IsFromOutside: false));
        }
    }

    private void AddStepsOfClosing(ModelState state, List<ModelStep> steps)
    {
        if (MayClose && !state.IsClosed)
        {
            ModelState closed = state.Copy();
            closed.IsClosed = true;
            closed.AtPeer = "";
            if (Mutation != Mutation.CloseWakesNobody)
            {
                closed.CloserToWake = 1 << ModelState.StandBy;
                for (int i = 0; i < closed.Threads.Length; i++)
                {
                    closed.Threads[i].Mail = "";
                    closed.CloserToWake |= (byte)(closed.Threads[i].IsWaiter ? 1 << i : 0);
                    closed.Threads[i].IsWaiter = false;
                }
            }

            steps.Add(new ModelStep("close", closed, IsFromOutside: true));
        }

        if (state is { IsClosed: true, IsTransportClosed: false })
        {
            ModelState shut = state.Copy();
            shut.IsTransportClosed = true;
            steps.Add(new ModelStep("the transport is closed", shut, IsFromOutside: false));
        }
        else
        {
            AddWakeUps(state.CloserToWake, state, (after, left) => after.CloserToWake = left, "closing", steps);
        }
    }

    /// <summary>One step for each that could be woken next.</summary>
    private void AddWakeUps(
        byte toWake, ModelState state, Action<ModelState, byte> leave, string who, List<ModelStep> steps)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            if ((toWake & (1 << bit)) != 0)
            {
                ModelState woken = state.Copy();
                Unpark(woken, bit);
                leave(woken, (byte)(toWake & ~(1 << bit)));
                steps.Add(new ModelStep($"{who} wakes {bit}", woken, IsFromOutside: false));
            }
        }
    }

    private void Unpark(ModelState state, int whom)
    {
        if (whom == ModelState.StandBy)
        {
            state.StandByPermit = true;
        }
        else if (state.Threads[whom].Place == Place.Unborn)
        {
            // The act that starts the worker; it is collected and carried out like a wake-up.
            state.Threads[whom].Place = Place.Look;
        }
        else if (Mutation != Mutation.NoPermits || state.Threads[whom].Place == Place.Asleep)
        {
            state.Threads[whom].HasPermit = true;
        }
    }
}
