using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Shapes;

/// <summary>Calls of every shape.</summary>
public static class MethodScenarios
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static void In_out_and_ref_parameters_come_back(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        root.Nothing();
        root.AddOut(3, 4, out int sum);
        notes.Add("add", root.Add(1, 2));
        notes.Add("out", sum);
        root.AddOnto(3, ref sum);
        notes.Add("ref", sum);
        long b = 2;
        notes.Add("in", root.AddIn(40, in b));
    }

    public static void Result_ref_and_out_come_back_together(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        foreach (string given in new[] { "two words", "" })
        {
            string text = given;
            notes.Add("found", root.TryEverything(ref text, out int? length, out var parts));
            notes.Add("values", (text, length, parts));
        }

        var counts = new Dictionary<string, int?> { ["a"] = 1, ["b"] = null };
        root.Sort(ref counts);
        notes.Add("map", counts);
    }

    public static void Default_values_params_and_overloads(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        notes.Add("defaults", root.Join());
        notes.Add("some", root.Join(repeat: 1, parts: ["a", "b"]));
        notes.Add("all", root.Join("+", 2, DayOfWeek.Monday, "a", "b"));
        notes.Add("list", root.Total(1, 2, 3));
        notes.Add("none", root.Total());
        notes.Add(
            "overloads", (root.Overloaded(1), root.Overloaded("1"), root.Overloaded((int?)null), root.Overloaded([1])));
        notes.Add("id by hand", root.Named());
        notes.Add("limit", root.Limited(5));
    }

    public static async Task Tasks_and_value_tasks_complete(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        await root.RunAsync();
        await root.RunSlimAsync();
        notes.Add("task", await root.AddAsync(2, 3));
        notes.Add("value task", await root.TextAsync("a"));
        notes.Add("null", await root.TextAsync(null));
        int[] all = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => root.AddAsync(i, i)));
        notes.Add("many", all);
    }

    public static async Task Tokens_cancel_synchronous_and_asynchronous_calls(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        using var source = new CancellationTokenSource();
        Task waiting = root.WaitAsync(source.Token, 5);
        await source.CancelAsync();
        await CancelledAsync(notes, "asynchronous", () => waiting.WaitAsync(s_patience));

        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        await CancelledAsync(notes, "synchronous", () => Task.Run(() => root.Wait(soon.Token)));
        await CancelledAsync(
            notes,
            "before",
            () => root.AddAsync(1, 2, new CancellationToken(true)).WaitAsync(s_patience),
            mayRun: true);
        notes.Add("afterwards", root.Add(1, 1));
    }

    public static void Spans_are_read_while_the_call_lasts(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        byte[] bytes = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        notes.Add("sum", root.Sum(bytes));
        notes.Add("slice", root.Sum(bytes.AsSpan(10, 3)));
        notes.Add("empty", root.Sum([]));
        notes.Add("large", root.Sum(Enumerable.Repeat((byte)1, 3_000_000).ToArray()));
        notes.Add("with callbacks", root.SumLater(bytes, x => root.Add(x, x)));
    }

    public static void Memory_that_was_passed_is_kept(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        root.Keep(new byte[] { 1, 2, 3 }.AsMemory(1), new ReadOnlySequence<byte>([4, 5]));
        notes.Add("other call", root.Sum(new byte[10_000]));
        notes.Add("kept", root.Kept());
    }

    public static void Progress_arrives_in_order(IWorkshop workshop, Notes notes)
    {
        var listener = new Listener();
        workshop.Methods().Report(listener, 50);
        notes.Add("heard", Enumerable.Range(0, 50).Select(_ => listener.Next()).ToArray());
    }

    public static void One_way_calls_arrive_in_order(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        root.Post("a");
        root.Post("b");
        notes.Add("posted", root.Posted());
    }

    public static void Null_that_is_admitted_crosses(IWorkshop workshop, Notes notes)
    {
        notes.Add("null", workshop.Methods().Need("a", null));
        notes.Add("blobs", workshop.Methods().Blobs(["Hi"u8.ToArray(), null, []]));
    }

    public static async Task Exceptions_arrive_as_what_they_are(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        foreach (string kind in new[]
        {
            "fault", "derived", "argument", "null", "range", "disposed", "file", "key", "cancelled", "zero", "other",
            "formatted", "fixed", "shown", "shown inside", "reason", "reversed", "reversed alone"
        })
        {
            notes.Thrown(kind, () => root.Throw(kind));
            await notes.ThrownAsync(kind + " later", () => root.ThrowAsync(kind));
        }

        notes.Thrown("overflow", () => root.Add(int.MaxValue, 1));
    }

    public static async Task What_a_returned_iterator_throws_arrives_as_it_is(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        foreach (string kind in new[] { "fault", "shown", "range", "other" })
        {
            notes.Thrown(kind, () => root.Broken(kind).Sum());
            await notes.ThrownAsync(kind + " later", async () => (await root.BrokenAsync(kind)).Sum());
        }
    }

    public static void Every_standard_exception_arrives_as_itself(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        for (int i = 0; i < StandardExceptions.Count; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            notes.Thrown(number, () => root.Throw(number));
        }
    }

    public static async Task Asynchronous_delegates_complete_and_are_cancelled(IWorkshop workshop, Notes notes)
    {
        async Task<int> Function(int value, CancellationToken cancellationToken)
        {
            await Task.Delay(value == 0 ? Timeout.Infinite : 0, cancellationToken);
            return value + 1;
        }

        async ValueTask End()
        {
            await Task.Yield();
            notes.Add("end", true);
        }

        notes.Add("both", await workshop.Methods().EvaluateAsync(Function, End).WaitAsync(s_patience));
    }

    public static void Delegates_take_ref_out_and_delegates(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Methods();
        TryParse parse = (string text, ref int calls, out int value) =>
        {
            calls++;
            notes.Add("asked", text);
            return int.TryParse(text, out value);
        };
        notes.Add("parsed", root.Parse(parse, "1", "x", "41"));
        notes.Add("passed on", root.PassOn((text, next) => next(next(text) + "?"), "a"));
        notes.Add("ten", root.Evaluate(() => 10));
        notes.Thrown(
            "thrown in a callback", () => root.Evaluate(() => throw new KeyNotFoundException("in the callback")));
        notes.Add("nested", root.Evaluate(() => root.Evaluate(() => root.Evaluate(() => root.Add(1, 2)))));
    }

    private static async Task CancelledAsync(Notes notes, string what, Func<Task> act, bool mayRun = false)
    {
        try
        {
            await act();
            notes.Add(what, mayRun ? "ended" : "was not cancelled");
        }
        catch (OperationCanceledException)
        {
            notes.Add(what, mayRun ? "ended" : "cancelled");
        }
    }

    private sealed class Listener : IProgress<int>
    {
        private readonly BlockingCollection<int> _heard = [];

        public void Report(int value) => _heard.Add(value);

        public int Next() => _heard.TryTake(out int value, s_patience) ? value : -1;
    }
}
