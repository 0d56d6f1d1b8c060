namespace Multiprocess.Tests.Connections.Disconnects;

/// <summary>One kind of call, made through a proxy. It checks every answer that it gets.</summary>
/// <param name="Name">What the case is called.</param>
/// <param name="Run">Makes the calls, on a thread of its own, until they are done or one throws.</param>
/// <param name="Rests">Whether it never ends by itself: it is cut once its method was entered.</param>
internal sealed record Scenario(string Name, Action<IActs, Acts> Run, bool Rests = false)
{
    public static Scenario[] All { get; } =
    [
        new("plain", (acts, _) => Is(3, acts.Add(1, 2))),
        new("nested", (acts, _) =>
        {
            int Back(int depth) => acts.Nest(depth, Back);
            Is(5, acts.Nest(5, Back));
        }),
        new("failing", (acts, _) =>
        {
            try
            {
                acts.Fail("as asked");
                Assert.Fail("It did not throw.");
            }
            catch (InvalidOperationException thrown)
            {
                Assert.That(thrown.Message, NUnit.Framework.Is.EqualTo("as asked"));
            }
        }),
        new("making an object", (acts, _) =>
        {
            using IThing thing = acts.Make(7);
            Is(7, thing.Number());
        }),
        new("making objects and leaving them", (acts, own) =>
        {
            IThing[] things = [acts.Make(1), acts.Make(2)];
            own.Held = things;
            Is(3, things.Sum(thing => thing.Number()));
        }),
        new("object as an argument", (acts, own) =>
        {
            using IThing thing = own.Make(9);
            Is(9, acts.Use(thing));
        }),
        new("kept callback", (acts, _) =>
        {
            acts.Keep(x => x + 1);
            Is(6, acts.CallKept(5));
            acts.Keep(null);
        }),
        new("one-way", (acts, _) =>
        {
            acts.Post(2);
            acts.Post(3);
            Is(5, acts.Posted());
        }),
        new(
            "asynchronous",
            (acts, _) => Is(6, Task.WhenAll(acts.AddAsync(1, 2), acts.AddAsync(1, 2)).GetAwaiter().GetResult().Sum())),
        new(
            "asynchronous with a callback",
            (acts, _) => Is(8, acts.CallBackAsync(4, x => 2 * x).GetAwaiter().GetResult())),
        new("asynchronously made object", (acts, _) =>
        {
            using IThing thing = acts.MakeAsync(7).GetAwaiter().GetResult();
            Is(7, thing.Number());
        }),
        new("items received", (acts, _) => Is(45, Sum(acts.Count(10)).GetAwaiter().GetResult())),
        new("items sent", (acts, own) => Is(45, acts.SumAsync(own.Count(10)).GetAwaiter().GetResult())),
        new("stream read", (acts, _) =>
        {
            using Stream stream = acts.Open(5_000);
            using var copy = new MemoryStream();
            stream.CopyTo(copy, 2_000);
            Is(5_000, (int)copy.Length);
        }),
        new("stream sent", (acts, _) => Is(5_000, (int)acts.Measure(new MemoryStream(new byte[5_000])))),
        new("event", (acts, _) =>
        {
            int raised = 0;
            Action<int> handler = x => raised += x;
            acts.Raised += handler;
            acts.Raise(4);
            acts.Raised -= handler;
            acts.Raise(4);
            Is(4, raised);
        }),
        new("cancelled", (acts, own) =>
        {
            using var cancel = new CancellationTokenSource();
            _ = own.Entered.Task.ContinueWith(_ => cancel.Cancel(), TaskScheduler.Default);
            try
            {
                acts.WaitAsync(cancel.Token).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
            }
        }),
        new("waiting", (acts, _) => acts.Wait(CancellationToken.None), Rests: true),
        new(
            "waiting asynchronously",
            (acts, _) => acts.WaitAsync(CancellationToken.None).GetAwaiter().GetResult(),
            Rests: true),
        new(
            "waiting in a callback",
            (acts, own) => acts.WaitIn(_ => own.Wait(IpcCall.Current!.CancellationToken)),
            Rests: true),
        new("waiting in a nested call", (acts, _) => acts.Nest(1, _ => acts.Wait(CancellationToken.None)), Rests: true),
    ];

    public override string ToString() => Name;

    private static async Task<int> Sum(IAsyncEnumerable<int> numbers)
    {
        int sum = 0;
        await foreach (int number in numbers)
        {
            sum += number;
        }

        return sum;
    }

    private static void Is(int expected, int actual) => Assert.That(actual, NUnit.Framework.Is.EqualTo(expected));
}
