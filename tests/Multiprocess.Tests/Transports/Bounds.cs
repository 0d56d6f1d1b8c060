namespace Multiprocess.Tests.Transports;

/// <summary>How long a wait that must end may take on a slow machine before the test fails.</summary>
internal static class Bounds
{
    public const int Milliseconds = 30_000;

    public static readonly TimeSpan Time = TimeSpan.FromMilliseconds(Milliseconds);
}
