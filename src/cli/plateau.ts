console.log('plateau', process.version, process.argv.slice(2));
