using Microsoft.Extensions.Hosting;
using Company.Ipc1;

var builder = Host.CreateApplicationBuilder(args);
if (!builder.UseIpcParent<IGreeter, Greeter>(args))
{
    Console.Error.WriteLine("This program is started by its parent.");
    return 2;
}

await builder.Build().RunAsync();
return Environment.ExitCode;
