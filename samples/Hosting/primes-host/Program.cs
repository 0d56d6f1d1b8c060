using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Primes;

var builder = Host.CreateApplicationBuilder(args);

// A child process that this host starts, supervises and stops.
builder.Services.AddIpcChild<IPrimes>(
    "primes-worker",
    options => options.ConfigurationSections.Add("Primes"),
    prepare: (services, child, cancellationToken) =>
    {
        child.Root.Found += prime => Console.WriteLine($"Found {prime}.");
        return Task.CompletedTask;
    });

// A socket for clients; each call is passed to the child that runs at that moment.
builder.Services.AddIpcServer<IPrimes>(
    "unix:primes.sock",
    (services, connection) => services.GetRequiredService<IPrimes>());

builder.Services.AddHealthChecks().AddIpcServers().AddIpcChildren();
builder.Configuration["Primes:Most"] ??= "3";

await builder.Build().RunAsync();
