namespace Multiprocess.Stress.Kills;

/// <summary>One kind of call that a process is killed in.</summary>
/// <param name="Name">What the case is called.</param>
/// <param name="Call">
/// Makes the call, on a thread of its own, until the connection is lost; gets the callee and the caller's own side.
/// </param>
/// <param name="RestsInCaller">
/// Whether what rests is a callback, and so on, of the caller's; otherwise the method that is called.
/// </param>
/// <param name="Lost">How many calls of the callee to the caller are under way.</param>
/// <param name="Made">How many objects of the callee the caller holds.</param>
/// <param name="Given">How many objects of the caller the callee was given.</param>
public sealed record KillKind(
    string Name, Action<IVictim, Victim> Call, bool RestsInCaller = false, int Lost = 0, int Made = 0, int Given = 0)
{
    private const int Depth = 3;

    public static IReadOnlyList<KillKind> All { get; } =
    [
        new("plain", (callee, _) => callee.Rest()),
        new("with a token", (callee, _) =>
        {
            using var never = new CancellationTokenSource();
            callee.RestUntil(never.Token);
        }),
        new("nested", (callee, _) =>
        {
            int Back(int depth) => callee.Nest(depth, Back);
            callee.Nest(Depth, Back);
        }, Lost: Depth),
        new("with objects", (callee, own) =>
        {
            own.Held = callee.Make();
            using IPart given = own.Make();
            callee.Hold(given);
        }, Made: 1, Given: 1),
        new("calling an object back", (callee, own) =>
        {
            using IPart given = own.Make();
            callee.Ask(given);
        }, RestsInCaller: true, Lost: 1, Given: 1),
        new("with a callback", (callee, own) => callee.CallBack(_ => own.Rest()), RestsInCaller: true, Lost: 1),
        new("asynchronous", (callee, _) => callee.RestAsync().GetAwaiter().GetResult()),
        new(
            "asynchronous with a callback",
            (callee, own) => callee.CallBackAsync((_, token) => own.RestAsync(token)).GetAwaiter().GetResult(),
            RestsInCaller: true,
            Lost: 1),
        new("items received", (callee, _) => Victim.Sum(callee.Items()).GetAwaiter().GetResult()),
        new(
            "items sent",
            (callee, own) => callee.SumAsync(own.Items(CancellationToken.None)).GetAwaiter().GetResult(),
            RestsInCaller: true,
            Lost: 1),
        new("stream read", (callee, own) =>
        {
            Stream stream = callee.Open();
            own.Held = stream;
            _ = stream.Read(new byte[100]);
        }, Made: 1),
        new("stream sent", (callee, own) =>
        {
            using Stream stream = own.Open();
            callee.Measure(stream);
        }, RestsInCaller: true, Lost: 1, Given: 1),
        new("one-way", (callee, _) =>
        {
            // Nobody waits for it; the next call of the thread waits behind it.
            callee.Post();
            callee.Add(1, 2);
        }),
        new("event handler", (callee, own) =>
        {
            // To the one who raises, a handler whose process is gone is one that does nothing.
            callee.Raised += _ => own.Rest();
            callee.Raise(1);
        }, RestsInCaller: true),
        new("dispose", (callee, _) =>
        {
            // Disposing is silent when the connection goes meanwhile; whoever calls next is told.
            callee.MakeSlow().Dispose();
            callee.Add(1, 2);
        }, Made: 1),
    ];

    /// <summary>What is to have happened on the side that is called, when its caller was killed.</summary>
    public string OutcomeOfCallee
        => Victim.Describe(
            RestsInCaller ? 0 : 1,
            Enumerable.Repeat(nameof(IpcDisconnectedException), Lost),
            Enumerable.Repeat(1, Made));

    /// <summary>What is to have happened on the side that calls, when the process that it called was killed.</summary>
    public string OutcomeOfCaller => Victim.Describe(RestsInCaller ? 1 : 0, [], Enumerable.Repeat(1, Given));

    public override string ToString() => Name;
}
