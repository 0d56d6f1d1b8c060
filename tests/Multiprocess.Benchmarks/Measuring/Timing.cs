namespace Multiprocess.Benchmarks.Measuring;

/// <summary>How long one subject took, in microseconds.</summary>
/// <param name="P50">The median over the rounds of each round's median.</param>
/// <param name="P99">The 99th percentile of all calls of all rounds.</param>
/// <param name="Processor">
/// Processor time of both processes for one call, the median of the rounds; 0 when it was not asked for.
/// </param>
internal sealed record Timing(double P50, double P99, double Processor);
