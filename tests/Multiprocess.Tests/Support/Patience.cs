namespace Multiprocess.Tests.Support;

/// <summary>
/// How long tests wait for what must happen, at most. Generous: only a failing test ever waits so long.
/// </summary>
internal static class Patience
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public const int Milliseconds = 30_000;

    public static void Until(Func<bool> condition, string expected)
        => Assert.That(SpinWait.SpinUntil(condition, Bound), Is.True, $"Expected in time: {expected}.");

    /// <summary>
    /// Collects garbage until <paramref name="condition"/> holds: finalizers run on their own thread.
    /// </summary>
    public static void UntilCollected(Func<bool> condition, string expected)
        => Until(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return condition();
            },
            expected);
}
