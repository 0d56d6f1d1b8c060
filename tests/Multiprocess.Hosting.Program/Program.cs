using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Tests;

// The tests' parent and child in one program: what has a parent is a child.
//   parent <file>         a host with a child; what it logs goes to the file, a record a line
//   plain                 a child without a host
//   own                   a child under a host of its own making, which uses nothing of Multiprocess.Hosting
//   web <url> <fingerprint> <user>
//                         a client of a server behind ASP.NET Core, whose certificate has that fingerprint
if (args is ["web", var url, var fingerprint, var user])
{
    return await GateClient.RunAsync(new Uri(url), fingerprint, user);
}

var builder = Host.CreateApplicationBuilder(args);
if (args.Contains("plain"))
{
    return Multiprocess.IpcParent.TryServe<IPlain>(args, _ => new Plain(), out int code) ? code : 2;
}

if (args.Contains("own"))
{
    return OwnHost.Run(args);
}

builder.Services.AddSingleton<Ending>();
builder.Services.AddHostedService(services => services.GetRequiredService<Ending>());
bool isChild = args.Contains("broken")
    ? builder.UseIpcParent<IChild>(args, (_, _) => throw new InvalidOperationException("There is no root."))
    : builder.UseIpcParent<IChild, Child>(args, options =>
    {
        if (args.Contains("small"))
        {
            options.MaxQueuedLogRecords = 100;
            options.LogQueueTimeout = TimeSpan.Zero;
        }
    });
if (!isChild)
{
    string file = args[Array.IndexOf(args, "parent") + 1];
    builder.Logging.ClearProviders().AddProvider(new FileLoggerProvider(file));
    builder.Services.AddIpcChild<IChild>("child", options => options.Program = Environment.ProcessPath!);
    builder.Services.AddHostedService<Telling>();
}

await builder.Build().RunAsync();
return Environment.ExitCode;
