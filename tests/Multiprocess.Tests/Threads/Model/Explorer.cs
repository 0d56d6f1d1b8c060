namespace Multiprocess.Tests.Threads.Model;

/// <summary>Visits every state that a <see cref="ReadingModel"/> can reach, breadth first, and judges each.</summary>
/// <remarks>
/// Two judgements: an invariant that holds in every state; and that from every state the threads alone, without any
/// further frame, call, interrupt or close from outside, can still come to rest in order. The second is what a lost
/// wake-up breaks, even one that the next frame would happen to cure.
/// </remarks>
internal static class Explorer
{
    private const int MaxStates = 6_000_000;

    public static Exploration Explore(ReadingModel model)
    {
        var numbers = new Dictionary<string, int>();
        var states = new List<ModelState>();
        var origins = new List<(int From, string Step)>();
        var ownEdges = new List<(int From, int To)>();
        int Number(ModelState state, int from, string step)
        {
            string key = state.Key();
            if (!numbers.TryGetValue(key, out int number))
            {
                number = states.Count;
                numbers.Add(key, number);
                states.Add(state);
                origins.Add((from, step));
            }

            return number;
        }

        Number(model.Begin(), from: -1, "begin");
        for (int current = 0; current < states.Count; current++)
        {
            if (model.BrokenRule(states[current]) is { } rule)
            {
                return new Exploration(states.Count, Describe(rule, current));
            }

            foreach (ModelStep step in model.Steps(states[current]))
            {
                int next = Number(step.State, current, step.Name);
                if (!step.IsFromOutside && next != current)
                {
                    ownEdges.Add((current, next));
                }
            }

            Assert.That(states, Has.Count.LessThan(MaxStates), "The model is too large to be explored in a test.");
        }

        int stuck = FindStuck(model, states, ownEdges);
        return new Exploration(
            states.Count,
            stuck < 0 ? null : Describe("The threads can never come to rest in order by themselves.", stuck));

        string Describe(string rule, int number)
        {
            var steps = new List<string>();
            for (int at = number; at >= 0; at = origins[at].From)
            {
                steps.Add(origins[at].Step);
            }

            steps.Reverse();
            return $"{rule}\n{states[number]}\nafter: {string.Join("; ", steps)}";
        }
    }

    /// <summary>
    /// Goes backwards from the states at rest; what is not met cannot come to rest. Returns the first such state, or
    /// -1.
    /// </summary>
    private static int FindStuck(ReadingModel model, List<ModelState> states, List<(int From, int To)> edges)
    {
        ILookup<int, int> before = edges.ToLookup(edge => edge.To, edge => edge.From);
        bool[] canRest = new bool[states.Count];
        var open = new Queue<int>();
        for (int i = 0; i < states.Count; i++)
        {
            if (model.IsAtRest(states[i]))
            {
                canRest[i] = true;
                open.Enqueue(i);
            }
        }

        while (open.TryDequeue(out int state))
        {
            foreach (int earlier in before[state])
            {
                if (!canRest[earlier])
                {
                    canRest[earlier] = true;
                    open.Enqueue(earlier);
                }
            }
        }

        return Array.IndexOf(canRest, false);
    }
}

/// <summary>What came of an exploration.</summary>
/// <param name="States">How many states there were; up to the violation if there was one.</param>
/// <param name="Violation">The rule that is broken, the state and the way to it; null when all is well.</param>
internal sealed record Exploration(int States, string? Violation);

/// <summary>One atomic step and the state after it.</summary>
/// <param name="Name">Who does what.</param>
/// <param name="State">The state after it.</param>
/// <param name="IsFromOutside">True when it may never happen: nothing may depend on it.</param>
internal readonly record struct ModelStep(string Name, ModelState State, bool IsFromOutside);
