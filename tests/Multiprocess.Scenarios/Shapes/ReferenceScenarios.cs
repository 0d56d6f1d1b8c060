using System.Collections.Concurrent;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Shapes;

/// <summary>Objects that stay where they are: identity, callbacks, and references inside values.</summary>
public static class ReferenceScenarios
{
    public static void Objects_are_called_where_they_are(IWorkshop workshop, Notes notes)
    {
        var root = workshop.References();
        var counter = root.Make(4);
        notes.Add("next", (counter.Next(), counter.Count));
        notes.Add("null", root.MakeNone());
        notes.Add("derived contract", (root.MakeLoud().Shout(), root.MakeLoud().Next()));
        notes.Add("function", root.MakeAdder(5)(2));
    }

    public static void Same_object_is_the_same_reference(IWorkshop workshop, Notes notes)
    {
        var root = workshop.References();
        var theirs = root.Make(1);
        var own = new Counter(1);
        Func<int> function = own.Next;
        notes.Add(
            "own",
            (root.AreSame(own, own), root.AreSame(
                own, new Counter(1)), root.AreSame(own, null), root.AreSame(null, null)));
        notes.Add("theirs", (root.AreSame(theirs, theirs), root.AreSame(theirs, own)));
        notes.Add(
            "sent home",
            (ReferenceEquals(root.Echo(own), own), ReferenceEquals(
                root.Echo(theirs), theirs), root.Echo(function) == function));
    }

    public static void References_cross_inside_values(IWorkshop workshop, Notes notes)
    {
        var root = workshop.References();
        var own = new Counter(10);
        var first = new Counter(1);
        var turned = root.Turn(
            new Bundle(
                own, x => x * 2, [first, null, own], ("name", own), new() { ["a"] = () => 1, ["b"] = own.Next }));
        notes.Add("called", own.Count);
        notes.Add(
            "itself",
            (ReferenceEquals(turned.Counter, own), ReferenceEquals(
                turned.List[2], first), turned.List[1], ReferenceEquals(turned.Tuple.Counter, first)));
        notes.Add("functions", (turned.Function!(5), turned.ByName["a"](), turned.ByName["b"]()));
        notes.Add("name", turned.Tuple.Name);
    }

    public static void References_cross_inside_unions_lists_tuples_and_tasks(IWorkshop workshop, Notes notes)
    {
        var root = workshop.References();
        notes.Add(
            "union",
            (root.Use(
                new ByCounter(new Counter(1))), root.Use(new ByFunction(() => 9)), root.Use(new ByFunction(null))));
        notes.Add("list", root.MakeMany(3).Select(counter => counter.Next()).ToArray());
        var (counter, next) = root.MakeTuple();
        notes.Add("tuple", (next(), counter.Count));
        notes.Add("task", root.MakeAsync().GetAwaiter().GetResult().Next());
        Func<int>? function = () => 5;
        root.MakeOut(out var made, ref function);
        notes.Add("out and ref", (made.Count, function!(), made.Count));
    }

    public static void References_cross_inside_results(IWorkshop workshop, Notes notes)
    {
        var root = workshop.References();
        var made = root.MakeOrNot(4);
        notes.Add("made", (made.Value!.Next(), made.Error));
        notes.Add("not", root.MakeOrNot(null));
    }

    public static async Task Streams_and_sequences_cross_inside_values(IWorkshop workshop, Notes notes)
    {
        var heard = new BlockingCollection<string>();
        var listener = new Listener(heard);
        using var own = new MemoryStream([1, 2, 3]);
        var delivered = workshop.References().Deliver(
            new Delivery(own, Numbers(), [listener], new Subscription(() => notes.Add("end", true))));
        notes.Add("progress", heard.Take());
        notes.Add("itself", ReferenceEquals(delivered.Progress[0], listener));
        notes.Add("read", (delivered.Content.ReadByte(), delivered.Content.Length, delivered.End));
        await foreach (int number in delivered.Numbers!)
        {
            notes.Add("number", number);
        }

        static async IAsyncEnumerable<int> Numbers()
        {
            yield return 4;
            await Task.Yield();
            yield return 5;
        }
    }

    public static void Saved_callback_is_called_later(IWorkshop workshop, Notes notes)
    {
        var root = workshop.References();
        var own = new Counter(1);
        root.Save(own);
        notes.Add("twice", (root.AskSaved(), root.AskSaved(), own.Count));
        root.Save(null);
        notes.Thrown("none", () => root.AskSaved());
    }

    public static void Calls_and_callbacks_nest_to_any_depth(IWorkshop workshop, Notes notes)
    {
        int deepest = 0;
        int Step(int rest, IReferences back)
        {
            deepest++;
            return back.CountDown(rest, Step);
        }

        notes.Add("sum", workshop.References().CountDown(20, Step));
        notes.Add("steps", deepest);
    }

    public static void Subscription_ends_when_it_is_disposed(IWorkshop workshop, Notes notes)
    {
        var root = workshop.References();
        using (root.Watch(value => notes.Add("watched", value)))
        {
            root.Tell(1);
        }

        root.Tell(2);
        notes.Add("end", true);
    }

    public static async Task Subscription_ends_when_it_is_disposed_asynchronously(IWorkshop workshop, Notes notes)
    {
        var root = workshop.References();
        await using (await root.WatchAsync(value => notes.Add("watched", value)))
        {
            root.Tell(1);
        }

        root.Tell(2);
        await root.DisposeItAsync(await root.WatchAsync(value => notes.Add("watched home", value)));
        root.Tell(3);
        await root.DisposeItAsync(new Subscription(() => notes.Add("disposed", true)));
    }

    private sealed class Listener(BlockingCollection<string> heard) : IProgress<string>
    {
        public void Report(string value) => heard.Add(value);
    }

    private sealed class Subscription(Action end) : IDisposable, IAsyncDisposable
    {
        public void Dispose() => end();

        public ValueTask DisposeAsync()
        {
            end();
            return default;
        }
    }
}
