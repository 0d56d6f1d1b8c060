using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Streaming;

/// <summary>Sequences: items, ends, exceptions, tokens, back-pressure.</summary>
public static class SequenceScenarios
{
    public static async Task Items_of_a_result_arrive_in_order(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        foreach (int count in new[] { 0, 1, 2, 700 })
        {
            notes.Add("items", await ListAsync(root.Count(count)));
            notes.Add("ended", await root.EndedAsync());
        }
    }

    public static async Task Items_of_a_parameter_arrive_in_order(IWorkshop workshop, Notes notes)
    {
        var here = new Sequences();
        notes.Add("sum", await workshop.Sequences().SumAsync(here.Count(100, int.MaxValue)));
        notes.Add("ended", await here.EndedAsync());
    }

    public static async Task Sequence_of_this_side_is_transformed_there(IWorkshop workshop, Notes notes)
        => notes.Add("lengths", await ListAsync(workshop.Sequences().Lengths(NamesAsync())));

    public static async Task Early_end_reaches_the_source(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        await foreach (int item in root.Count(100_000))
        {
            if (item == 10)
            {
                break;
            }
        }

        notes.Add("ended", await root.EndedAsync());
        notes.Add("little more was computed", root.Computed < 100);

        var here = new Sequences();
        notes.Add("sum", await root.SumAsync(here.Count(100_000, int.MaxValue), atMost: 10));
        notes.Add("ended here", await here.EndedAsync());
        notes.Add("little more was computed here", here.Computed < 100);
    }

    public static async Task Slow_consumer_holds_the_source_back(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        var items = root.Count(1_000_000).GetAsyncEnumerator();
        for (int i = 0; i < 1000; i++)
        {
            await items.MoveNextAsync();
        }

        // Whatever was asked for ahead is bounded, however long the consumer thinks.
        notes.Add("ahead", root.Computed - 1000 is >= 0 and < 40_000);
        await items.DisposeAsync();
        notes.Add("ended", await root.EndedAsync());
    }

    public static async Task Exception_of_the_source_arrives_behind_its_items(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        int count = 0;
        await notes.ThrownAsync("theirs", async () =>
        {
            await foreach (int item in root.Count(100, failAt: 42))
            {
                count++;
            }
        });
        notes.Add("before", count);
        var here = new Sequences();
        await notes.ThrownAsync("ours", () => root.SumAsync(here.Count(100, failAt: 7)));
    }

    public static async Task Token_of_the_enumeration_reaches_the_source(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        using var source = new CancellationTokenSource();
        await using var items = root.WaitForEver("first").GetAsyncEnumerator(source.Token);
        notes.Add("first", (await items.MoveNextAsync(), items.Current));
        var next = items.MoveNextAsync().AsTask();
        await source.CancelAsync();
        try
        {
            await next.WaitAsync(TimeSpan.FromSeconds(30));
            notes.Add("next", "came");
        }
        catch (OperationCanceledException)
        {
            notes.Add("next", "cancelled");
        }

        notes.Add("ended", await root.EndedAsync());
    }

    public static async Task Token_of_the_call_ends_the_enumeration_that_it_returned(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        foreach (bool hasAnother in new[] { false, true })
        {
            using var source = new CancellationTokenSource();
            using var another = new CancellationTokenSource();
            await using var items = root.WaitForEver("first", source.Token).GetAsyncEnumerator(
                hasAnother ? another.Token : default);
            notes.Add("first", (await items.MoveNextAsync(), items.Current));
            var next = items.MoveNextAsync().AsTask();
            await source.CancelAsync();
            await next.WaitAsync(TimeSpan.FromSeconds(30)).ContinueWith(_ => { }, TaskScheduler.Default);
            notes.Add("next", next.Status);
            notes.Add("ended", await root.EndedAsync());
        }

        using var unused = new CancellationTokenSource();
        var sequence = root.WaitForEver("home", unused.Token);
        await foreach ((string name, _) in root.Lengths(sequence))
        {
            notes.Add("name", name);
            break;
        }

        notes.Add("ended", await root.EndedAsync());
    }

    public static async Task Token_of_the_call_reaches_the_source_between_two_moves_wherever_it_sits(
        IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        var forms = new Dictionary<string, Func<CancellationToken, Task<IAsyncEnumerable<int>>>>
        {
            ["result"] = token => Task.FromResult(root.Tell(token)),
            ["nullable"] = token => Task.FromResult(root.TellPerhaps(token)!),
            ["task"] = root.TellLaterAsync,
            ["value task"] = async token => await root.TellLaterStillAsync(token),
            ["record"] = token => Task.FromResult(root.TellInARecord(token).Rows),
            ["tuple"] = token => Task.FromResult(root.TellInATuple(token).Rows),
            ["out"] = token =>
            {
                root.TellInAnOut(token, out IAsyncEnumerable<int> rows);
                return Task.FromResult(rows);
            },
            ["array"] = async token => (await root.TellInAnArrayAsync(token))["a"][0],
            ["channel"] = token => Task.FromResult(root.Channel(token)),
        };
        foreach ((string name, Func<CancellationToken, Task<IAsyncEnumerable<int>>> get) in forms)
        {
            using var source = new CancellationTokenSource();
            await using var items = (await get(source.Token)).GetAsyncEnumerator();
            await items.MoveNextAsync();
            await source.CancelAsync();
            notes.Add(name, await root.ToldAsync());
        }
    }

    public static async Task Token_of_the_call_reaches_an_object_that_it_returned(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        using var source = new CancellationTokenSource();
        using IDisposable job = root.Job(source.Token);
        await source.CancelAsync();
        notes.Add("told", await root.ToldAsync());
    }

    public static async Task Token_of_the_enumeration_reaches_the_source_between_two_moves(
        IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        using var source = new CancellationTokenSource();
        await using var items = root.Tell().GetAsyncEnumerator(source.Token);
        await items.MoveNextAsync();
        await source.CancelAsync();
        notes.Add("told", await root.ToldAsync());
    }

    public static async Task Token_of_a_consumer_reaches_the_source_that_was_passed(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Sequences();
        var own = new Sequences();
        using var source = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        Task holding = root.HoldAsync(own.Tell(CancellationToken.None), begun.SetResult, source.Token);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await source.CancelAsync();
        notes.Add("told", await own.ToldAsync());
        await holding.WaitAsync(TimeSpan.FromSeconds(30)).ContinueWith(_ => { }, TaskScheduler.Default);
        notes.Add("holding", holding.Status);
    }

    private static async IAsyncEnumerable<string?> NamesAsync()
    {
        yield return "a";
        await Task.Yield();
        yield return null;
        yield return "long";
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (T item in items)
        {
            list.Add(item);
        }

        return list;
    }
}
