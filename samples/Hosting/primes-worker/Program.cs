using Microsoft.Extensions.Hosting;
using Primes;

var builder = Host.CreateApplicationBuilder(args);
if (!builder.UseIpcParent<IPrimes, PrimeFinder>(args))
{
    Console.Error.WriteLine("primes-worker is started by primes-host.");
    return 2;
}

await builder.Build().RunAsync();
return Environment.ExitCode;
