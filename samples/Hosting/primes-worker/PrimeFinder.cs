using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Primes;

internal sealed class PrimeFinder(IConfiguration configuration, ILogger<PrimeFinder> logger) : IPrimes
{
    public event Action<int>? Found;

    public int ProcessId => Environment.ProcessId;

    public int[] Below(int limit)
    {
        using (logger.BeginScope("limit {Limit}", limit))
        {
            int most = configuration.GetValue("Primes:Most", int.MaxValue);
            int[] primes = [.. Enumerable.Range(0, Math.Max(0, limit)).Where(IsPrime).Take(most)];
            Array.ForEach(primes, prime => Found?.Invoke(prime));
            logger.LogInformation("Found {Count} primes.", primes.Length);
            return primes;
        }
    }

    private static bool IsPrime(int number)
        => number >= 2
            && !Enumerable.Range(2, Math.Max(0, (int)Math.Sqrt(number) - 1)).Any(divisor => number % divisor == 0);
}
