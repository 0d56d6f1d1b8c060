using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Company.Ipc1;

var builder = Host.CreateApplicationBuilder(args);

// A child process that this host starts, supervises and stops. Each new child is prepared before other code calls it.
builder.Services.AddIpcChild<IGreeter>(
    "Company.Ipc1.Worker",
    prepare: (services, child, cancellationToken) =>
    {
        var logger = services.GetRequiredService<ILogger<IGreeter>>();
        child.Root.Watch(greeting => logger.LogInformation("Heard: {Greeting}", greeting));
        return Task.CompletedTask;
    });

// A socket for clients, in the current directory. Each call is passed on to the child that is running at that moment.
builder.Services.AddIpcServer<IGreeter>(
    "unix:greeter.sock", (services, connection) => services.GetRequiredService<IGreeter>());
builder.Services.AddHealthChecks().AddIpcServers().AddIpcChildren();
builder.Services.AddHostedService<Greeting>();
await builder.Build().RunAsync();
