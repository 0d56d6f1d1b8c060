namespace Multiprocess.Tests.Threads.Model;

/// <content>The stand-by.</content>
internal sealed partial class ReadingModel
{
    private void AddStepsOfStandBy(ModelState state, List<ModelStep> steps)
    {
        switch (state.Place)
        {
            case StandByPlace.Begin:
                // Its first read; the role is its own from the start.
                Add("begins", next =>
                {
                    bool reads = !next.IsClosed && (next.Holder == ModelState.StandBy || TakeAsStandBy(next));
                    next.Place = reads ? StandByPlace.Receive : StandByPlace.Top;
                });
                break;
            case StandByPlace.Top:
                Add("looks round", next =>
                {
                    next.PollAsked = false;
                    next.Place = next.IsClosed ? StandByPlace.Gone : next.Mode switch
                    {
                        StandByMode.Polling => StandByPlace.Poll,
                        StandByMode.Watching => StandByPlace.ParkShortly,
                        _ => StandByPlace.Park,
                    };
                });
                break;
            case StandByPlace.Poll when IsOverRing:
                AddRingPoll(state, steps);
                break;
            case StandByPlace.Poll when state.Socket != "" || state.IsTransportClosed:
                Add("sees data", next => next.Place = StandByPlace.Take);
                break;
            case StandByPlace.Take:
                Add(
                    "wants the role",
                    next => next.Place = TakeAsStandBy(next) ? StandByPlace.Receive : StandByPlace.BeginToWatch);
                break;
            case StandByPlace.Receive when IsOverRing:
                AddRingReceive(
                    state,
                    mayBlock: false,
                    "stand-by",
                    next => next.Place = StandByPlace.HandOut,
                    next => next.Place = StandByPlace.HandOutNothing,
                    steps);
                break;
            case StandByPlace.Receive:
                foreach (ModelState received in Receive(state))
                {
                    received.Place = StandByPlace.HandOut;
                    steps.Add(new ModelStep("stand-by receives", received, IsFromOutside: false));
                }

                if (state is { Socket: "", IsTransportClosed: false })
                {
                    Add("receives nothing", next => next.Place = StandByPlace.HandOutNothing);
                }

                break;
            case StandByPlace.HandOut or StandByPlace.HandOutNothing:
                Add("hands out", next =>
                {
                    next.StandByToWake |= HandOut(next);
                    next.Move(ModelState.Nobody);
                    next.Place = next.Place == StandByPlace.HandOut ? StandByPlace.Wake : StandByPlace.WakeThenWatch;
                    GoOnWhenAllWoken(next);
                });
                break;
            case StandByPlace.Wake or StandByPlace.WakeThenWatch:
                AddWakeUps(state.StandByToWake, state, (after, left) =>
                {
                    after.StandByToWake = left;
                    GoOnWhenAllWoken(after);
                }, "stand-by", steps);
                break;
            case StandByPlace.BeginToWatch:
                Add("begins to watch", next =>
                {
                    next.Place = StandByPlace.Top;
                    if (!next.PollAsked)
                    {
                        next.Mode = StandByMode.Watching;
                        next.RoleMoved = false;
                    }
                });
                break;
            case StandByPlace.ParkShortly:
                Add("has slept a tick", next =>
                {
                    next.StandByPermit = false;
                    next.Place = StandByPlace.Look;
                });
                break;
            case StandByPlace.Look:
                AddLook(state, steps);
                break;
            case StandByPlace.Park when state.StandByPermit:
                Add("wakes up", next =>
                {
                    next.StandByPermit = false;
                    next.Place = StandByPlace.Top;
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

    private void AddLook(ModelState state, List<ModelStep> steps)
    {
        ModelState next = state.Copy();
        next.Place = StandByPlace.Top;
        bool isFree = next.Holder == ModelState.Nobody && Mutation != Mutation.StandBySleepsBesideFreeRole;
        if (next.Mode == StandByMode.Watching)
        {
            if (next.RoleMoved)
            {
                next.RoleMoved = false;
            }
            else if (isFree)
            {
                next.Mode = StandByMode.Polling;
            }
            else
            {
                // The third tick in the code; any one here.
                ModelState asleep = next.Copy();
                asleep.Mode = StandByMode.Asleep;
                steps.Add(new ModelStep("stand-by goes to sleep", asleep, IsFromOutside: false));
            }
        }

        steps.Add(new ModelStep("stand-by looks", next, IsFromOutside: false));
    }

    private bool TakeAsStandBy(ModelState state)
    {
        if (state.Holder != ModelState.Nobody || state.IsClosed)
        {
            return false;
        }

        state.Move(ModelState.StandBy);
        return true;
    }

    private static void GoOnWhenAllWoken(ModelState state)
    {
        if (state.StandByToWake == 0)
        {
            state.Place = state.Place == StandByPlace.Wake ? StandByPlace.Top : StandByPlace.BeginToWatch;
        }
    }

    /// <summary>The stand-by is to poll at once. Returns whether it must be woken for it.</summary>
    private static bool AskForPoll(ModelState state)
    {
        bool mustWake = state.Mode != StandByMode.Polling;
        state.Mode = StandByMode.Polling;
        state.PollAsked = true;
        return mustWake;
    }

    private void WakeStandByIfAsleep(ModelState state, int by)
    {
        if (state.Mode == StandByMode.Asleep && Mutation != Mutation.StandByIsNotWoken)
        {
            state.Mode = StandByMode.Watching;
            state.Threads[by].ToWake |= 1 << ModelState.StandBy;
        }
    }
}
