namespace Bitcoin.Node.Net;

/// <summary>
/// Rounds the fee rates for peers to steps of a tenth: the exact rate of a pool would identify the node.
/// </summary>
internal static class FeeFilterSteps
{
    // Half of the default rate for relay, in satoshis for 1,000 virtual bytes.
    private const double Lowest = 50;
    private const double Most = 10_000_000;
    private const double Spacing = 1.1;

    private static readonly double[] s_steps = [.. All()];

    /// <summary>The rate that means "no transactions at all", in satoshis per 1,000 virtual bytes.</summary>
    internal static long Highest { get; } = (long)s_steps[^1];

    /// <summary>The step below a rate; sometimes, at random, the step above it.</summary>
    internal static long Round(long perKilobyte, Random random)
    {
        int at = Array.BinarySearch(s_steps, perKilobyte);
        at = at < 0 ? ~at : at;
        bool isBelow = at == s_steps.Length || (at > 0 && random.Next(3) != 0);
        return (long)s_steps[isBelow ? at - 1 : at];
    }

    private static IEnumerable<double> All()
    {
        yield return 0;
        for (double step = Lowest; step <= Most; step *= Spacing)
        {
            yield return step;
        }
    }
}
