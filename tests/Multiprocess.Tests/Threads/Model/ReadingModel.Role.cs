namespace Multiprocess.Tests.Threads.Model;

/// <content>The threads that wait, and the moves of the role.</content>
internal sealed partial class ReadingModel
{
    private void AddStepsOf(int i, ModelState state, List<ModelStep> steps)
    {
        ref Waiting thread = ref state.Threads[i];
        switch (thread.Place)
        {
            case Place.Idle when !state.IsClosed:
                AddFromOutside("calls", next =>
                {
                    next.Threads[i].Place = Place.Look;
                    Answer(
                        next,
                        i,
                        CalledBack.Contains(i) && next.Threads[i].Call == 0 ? (char)('a' + i) : (char)('0' + i));
                });
                break;
            case Place.InUserCode:
                AddFromOutside("returns", next =>
                {
                    next.Threads[i].Place = Place.Look;
                    if (i < Calls.Length)
                    {
                        Answer(next, i, (char)('0' + i));
                    }
                });
                break;
            case Place.Look:
                AddLook(i, state, steps);
                break;
            case Place.ListBlindly:
                Add("lists itself", next =>
                {
                    List(next, i);
                    next.Threads[i].Place = Place.Park;
                });
                break;
            case Place.Park:
                Add("parks", next =>
                {
                    next.Threads[i].Place = next.Threads[i].HasPermit ? Place.Look : Place.Asleep;
                    next.Threads[i].HasPermit = false;
                });
                break;
            case Place.Asleep when thread.HasPermit:
                Add("wakes up", next =>
                {
                    next.Threads[i].Place = Place.Look;
                    next.Threads[i].HasPermit = false;
                });
                break;
            case Place.Receive when IsOverRing:
                AddRingReceive(
                    state,
                    mayBlock: !CanBeInterrupted(thread, i) || Mutation == Mutation.InterruptibleBlocks,
                    $"{i}",
                    next => next.Threads[i].Place = Place.HandOut,
                    next => next.Threads[i].Place = Place.HandOutNothing,
                    steps);
                break;
            case Place.Receive:
                foreach (ModelState received in Receive(state))
                {
                    received.Threads[i].Place = Place.HandOut;
                    steps.Add(new ModelStep($"{i} receives", received, IsFromOutside: false));
                }

                if (state is { Socket: "", IsTransportClosed: false }
                    && CanBeInterrupted(thread, i)
                    && Mutation != Mutation.InterruptibleBlocks)
                {
                    Add("receives nothing", next => next.Threads[i].Place = Place.HandOutNothing);
                }

                break;
            case Place.HandOut or Place.HandOutNothing:
                AddHandOut(i, state, steps);
                break;
            case Place.WakeThenLook or Place.WakeThenPark or Place.WakeThenLeave:
                AddWakeUps(thread.ToWake, state, (after, left) =>
                {
                    after.Threads[i].ToWake = left;
                    GoOnWhenAllWoken(after, i);
                }, $"{i}", steps);
                break;
        }

        void Add(string what, Action<ModelState> change, bool isFromOutside = false)
        {
            ModelState next = state.Copy();
            change(next);
            steps.Add(new ModelStep($"{i} {what}", next, isFromOutside));
        }

        void AddFromOutside(string what, Action<ModelState> change) => Add(what, change, isFromOutside: true);
    }

    // What the peer still owes; kept sorted, because the peer may send it in any order.
    private static void Answer(ModelState state, int client, char frame)
    {
        if (!state.IsClosed && !state.Threads[client].IsAbandoned)
        {
            state.AtPeer = string.Concat((state.AtPeer + frame).Order());
        }
    }

    /// <summary>All that is there, or only the first frame; nothing while the transport is empty and open.</summary>
    private static IEnumerable<ModelState> Receive(ModelState state)
    {
        if (state.IsTransportClosed)
        {
            yield return state.Copy();
            yield break;
        }

        for (int count = 1; count <= state.Socket.Length; count += Math.Max(1, state.Socket.Length - 1))
        {
            ModelState next = state.Copy();
            next.Buffer += next.Socket[..count];
            next.Socket = next.Socket[count..];
            yield return next;
        }
    }

    private void AddLook(int i, ModelState state, List<ModelStep> steps)
    {
        ModelState next = state.Copy();
        if (EndWait(next, i))
        {
            AddLeave(i, next, steps);
            return;
        }

        if (next.Holder == ModelState.Nobody)
        {
            next.Move(i);
        }

        ref Waiting thread = ref next.Threads[i];
        if (next.Holder == i)
        {
            thread.Place = Place.Receive;
        }
        else if (Mutation == Mutation.LookOutsideGate)
        {
            thread.Place = Place.ListBlindly;
        }
        else
        {
            List(next, i);
            thread.Place = Place.Park;
        }

        steps.Add(new ModelStep($"{i} looks", next, IsFromOutside: false));
    }

    private void AddHandOut(int i, ModelState state, List<ModelStep> steps)
    {
        bool foundNothing = state.Threads[i].Place == Place.HandOutNothing;
        ModelState next = state.Copy();
        int handedOut = next.Buffer.Length;
        next.Threads[i].ToWake |= HandOut(next);
        if (EndWait(next, i))
        {
            AddLeave(i, next, steps);
            return;
        }

        if (!foundNothing)
        {
            ModelState goesOn = next.Copy();
            goesOn.Threads[i].Place = Place.WakeThenLook;
            GoOnWhenAllWoken(goesOn, i);
            steps.Add(new ModelStep($"{i} hands out", goesOn, IsFromOutside: false));
        }

        // That it served only others is counted in the code; here it may be so after any frame.
        if (foundNothing || handedOut > 0)
        {
            if (foundNothing && Mutation != Mutation.NobodyReadsForInterruptible && AskForPoll(next))
            {
                next.Threads[i].ToWake |= 1 << ModelState.StandBy;
            }

            next.Move(ModelState.Nobody);
            if (!foundNothing || Mutation != Mutation.NobodyReadsForInterruptible)
            {
                WakeStandByIfAsleep(next, i);
            }

            List(next, i);
            next.Threads[i].Place = Place.WakeThenPark;
            GoOnWhenAllWoken(next, i);
            steps.Add(new ModelStep($"{i} hands out and gives up the role", next, IsFromOutside: false));
        }
    }

    /// <summary>Routes what is in the buffer, and returns whom to wake.</summary>
    private byte HandOut(ModelState state)
    {
        byte toWake = 0;
        while (!state.IsClosed && (state.Buffer != "" || FillUnseen(state)))
        {
            char frame = state.Buffer[0];
            state.Buffer = state.Buffer[1..];
            int to = frame is 'W' or 'E' ? Worker : frame < 'A' ? frame - '0' : frame - 'a';
            ref Waiting thread = ref state.Threads[to];
            if (frame == 'E')
            {
                thread.IsEnded = true;
            }
            else if (thread.IsAbandoned)
            {
                continue;
            }
            else
            {
                thread.Mail += frame;
            }

            if (thread.IsWaiter || (thread.Place == Place.Unborn && thread.Then != Place.Look))
            {
                toWake |= (byte)(1 << to);
                thread.Then = thread.Place == Place.Unborn ? Place.Look : thread.Then;
                thread.IsWaiter = Mutation == Mutation.FrameAndRoleToOne && thread.IsWaiter;
            }

            if (Mutation == Mutation.OnlyOneFrameHandedOut)
            {
                break;
            }
        }

        return toWake;
    }

    /// <summary>Whether the wait is over; then the message is taken and it is set where the thread goes.</summary>
    private bool EndWait(ModelState state, int i)
    {
        ref Waiting thread = ref state.Threads[i];
        bool isWorker = i >= Calls.Length;
        if (state.IsClosed)
        {
            thread.Mail = "";
            thread.Then = Place.Gone;
            return true;
        }

        if (thread.Mail != "")
        {
            bool isCall = isWorker || thread.Mail[0] >= 'a';
            thread.Mail = thread.Mail[1..];
            thread.Call += (byte)(isCall ? 0 : 1);
            thread.Then = isCall ? Place.InUserCode : thread.Call < Calls[i] ? Place.Idle : Place.Gone;
            return true;
        }

        if (thread.HasFired && CanBeInterrupted(thread, i))
        {
            thread.IsAbandoned = true;
            thread.Then = Place.Gone;
            return true;
        }

        if (thread.IsEnded)
        {
            thread.Then = Place.Gone;
            return true;
        }

        return false;
    }

    /// <summary>The thread leaves the wait; if it has the role, each way of giving it up.</summary>
    private void AddLeave(int i, ModelState state, List<ModelStep> steps)
    {
        state.Threads[i].Place = Place.WakeThenLeave;
        if (state.Holder != i || Mutation == Mutation.RoleTakenAlong)
        {
            AddLeft(state, "leaves");
            return;
        }

        ModelState shortly = state.Copy();
        shortly.Move(ModelState.Nobody);
        WakeStandByIfAsleep(shortly, i);
        AddLeft(shortly, "leaves for a short time");

        ModelState successor = state.Copy();
        successor.Move(ModelState.Nobody);
        int next = NextParked(successor);
        if (next != ModelState.Nobody)
        {
            successor.Move(next);
            successor.Threads[i].ToWake |= (byte)(Mutation == Mutation.RoleWithoutWakeUp ? 0 : 1 << next);
            successor.Threads[next].IsWaiter = false;
            AddLeft(successor, $"leaves the role to {next}");
            return;
        }

        ModelState poll = successor.Copy();
        poll.Threads[i].ToWake |= (byte)(AskForPoll(poll) ? 1 << ModelState.StandBy : 0);
        AddLeft(poll, "leaves and asks for a poll");
        WakeStandByIfAsleep(successor, i);
        AddLeft(successor, "leaves for long and expects nothing");

        void AddLeft(ModelState left, string how)
        {
            GoOnWhenAllWoken(left, i);
            steps.Add(new ModelStep($"{i} {how}", left, IsFromOutside: false));
        }
    }

    private static void GoOnWhenAllWoken(ModelState state, int i)
    {
        ref Waiting thread = ref state.Threads[i];
        if (thread.ToWake == 0)
        {
            thread.Place = thread.Place switch
            {
                Place.WakeThenLook => Place.Look,
                Place.WakeThenPark => Place.Park,
                _ => thread.Then,
            };
            thread.Then = Place.Idle;
        }
    }

    private void List(ModelState state, int i)
    {
        ref Waiting thread = ref state.Threads[i];
        thread.IsWaiter = true;
        if (!CanBeInterrupted(thread, i) && !thread.IsListed)
        {
            thread.IsListed = true;
            state.Parked += (char)('0' + i);
        }
    }

    private int NextParked(ModelState state)
    {
        while (state.Parked != "")
        {
            int i = state.Parked[0] - '0';
            state.Parked = state.Parked[1..];
            state.Threads[i].IsListed = false;
            if (state.Threads[i].IsWaiter || Mutation == Mutation.RoleToWhoHasLeft)
            {
                return i;
            }
        }

        return ModelState.Nobody;
    }
}
