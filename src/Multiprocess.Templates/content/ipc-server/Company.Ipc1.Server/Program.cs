using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Company.Ipc1;

var builder = Host.CreateApplicationBuilder(
    new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddIpcServer<IGreeter, Greeter>(builder.Configuration.GetSection("Greeter"));
builder.Services.AddHealthChecks().AddIpcServers(tags: ["ready"]);
await builder.Build().RunAsync();
