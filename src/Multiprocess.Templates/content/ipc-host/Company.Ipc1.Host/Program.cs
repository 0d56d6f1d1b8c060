using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Company.Ipc1;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddIpcChild<IGreeter>("Company.Ipc1.Worker");
builder.Services.AddHealthChecks().AddIpcChildren();
builder.Services.AddHostedService<Greeting>();
await builder.Build().RunAsync();
