using Microsoft.Extensions.DependencyInjection;
using Primes;

var services = new ServiceCollection();
services.AddIpcClient<IPrimes>("unix:primes.sock");
using ServiceProvider provider = services.BuildServiceProvider();

IPrimes primes = provider.GetRequiredService<IPrimes>();
Console.WriteLine($"Process {primes.ProcessId} found {string.Join(", ", primes.Below(20))}.");
